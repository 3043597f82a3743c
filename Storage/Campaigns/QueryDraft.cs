using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>What a caller says about a question and its answer.</summary>
public sealed record QueryDraft
{
    /// <summary>Needed; up to 8,000 characters.</summary>
    public string? Question { get; init; }

    public string? Answer { get; init; }

    /// <summary>An array.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Sources { get; init; }

    /// <summary>Milliseconds.</summary>
    public decimal? Latency { get; init; }

    /// <summary>-1 not helpful, 0 neutral, 1 helpful.</summary>
    public int? Feedback { get; init; }

    public string? FeedbackText { get; init; }

    public static QueryDraft Of(QueryHistory q) => new()
    {
        Question = q.Question,
        Answer = q.Answer,
        Sources = q.Sources,
        Latency = q.Latency,
        Feedback = q.Feedback,
        FeedbackText = q.FeedbackText,
    };

    internal void ApplyTo(QueryHistory q)
    {
        q.Question = Question ?? "";
        q.Answer = Answer;
        q.Sources = Sources;
        q.Latency = Latency;
        q.Feedback = Feedback;
        q.FeedbackText = FeedbackText;
    }
}

/// <summary>What somebody thought of an answer.</summary>
/// <param name="Feedback">-1 not helpful, 0 neutral, 1 helpful.</param>
/// <param name="FeedbackText">In words, up to 4,000 characters.</param>
public sealed record FeedbackDraft(int Feedback, string? FeedbackText = null);
