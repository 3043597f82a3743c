using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>A question someone asked about the campaigns, and what was answered.</summary>
public sealed class QueryHistory : Record
{
    public string Question { get; set; } = "";

    public string? Answer { get; set; }

    /// <summary>JSON array: what the answer rests on.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Sources { get; set; }

    /// <summary>Milliseconds from question to answer.</summary>
    public decimal? Latency { get; set; }

    /// <summary>-1 not helpful, 0 neutral, 1 helpful; null where nobody said.</summary>
    public int? Feedback { get; set; }

    public string? FeedbackText { get; set; }
}
