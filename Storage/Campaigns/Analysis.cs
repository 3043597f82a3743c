using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>What was found out about a campaign, or about all of them, by a person or a model.</summary>
public sealed class Analysis : Record
{
    /// <summary>The campaign's <see cref="Record.Id"/>; null for an analysis across campaigns.</summary>
    public Guid? CampaignRef { get; set; }

    public AnalysisType Type { get; set; }

    public AnalysisStatus Status { get; set; }

    /// <summary>JSON array of texts or objects.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Insights { get; set; }

    /// <summary>JSON array of texts or objects.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Recommendations { get; set; }

    /// <summary>JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Metrics { get; set; }

    public string? ExecutiveSummary { get; set; }

    /// <summary>Seconds.</summary>
    public double? ExecutionTime { get; set; }

    /// <summary>UTC; set when the status becomes completed or failed, unless given.</summary>
    public DateTime? CompletedAt { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; set; }
}
