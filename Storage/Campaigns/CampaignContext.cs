using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>
/// A version of what a business knows about a campaign (goals, budget, audience). Versions are added, never changed: an analysis can be read beside
/// the context it was made with.
/// </summary>
public sealed class CampaignContext : Record
{
    /// <summary>The campaign's <see cref="Record.Id"/>.</summary>
    public Guid CampaignRef { get; set; }

    /// <summary>1 for a campaign's first context, one more for each after it.</summary>
    public int Version { get; set; }

    /// <summary>JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string Content { get; set; } = "{}";

    /// <summary>Why there is a new version.</summary>
    public string? Note { get; set; }
}
