using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>What a caller says about an analysis.</summary>
public sealed record AnalysisDraft
{
    /// <summary>auto where absent.</summary>
    public AnalysisType Type { get; init; }

    /// <summary>pending where absent.</summary>
    public AnalysisStatus Status { get; init; }

    /// <summary>An array of texts or objects.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Insights { get; init; }

    /// <summary>An array of texts or objects.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Recommendations { get; init; }

    /// <summary>An object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Metrics { get; init; }

    public string? ExecutiveSummary { get; init; }

    /// <summary>Seconds.</summary>
    public double? ExecutionTime { get; init; }

    /// <summary>Where absent, the time at which the analysis was said to be completed or failed.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? CompletedAt { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    public static AnalysisDraft Of(Analysis a) => new()
    {
        Type = a.Type,
        Status = a.Status,
        Insights = a.Insights,
        Recommendations = a.Recommendations,
        Metrics = a.Metrics,
        ExecutiveSummary = a.ExecutiveSummary,
        ExecutionTime = a.ExecutionTime,
        CompletedAt = a.CompletedAt,
        Error = a.Error,
    };

    internal void ApplyTo(Analysis a, DateTime now)
    {
        bool ends = Status is AnalysisStatus.Completed or AnalysisStatus.Failed;
        a.Type = Type;
        a.Status = Status;
        a.Insights = Insights;
        a.Recommendations = Recommendations;
        a.Metrics = Metrics;
        a.ExecutiveSummary = ExecutiveSummary;
        a.ExecutionTime = ExecutionTime;
        a.CompletedAt = CompletedAt is { } at ? Instants.ToStored(at) : ends ? now : null;
        a.Error = Error;
    }
}
