using CloudStore.Storage.Records;

namespace CloudStore.Storage.Campaigns;

/// <summary>One call of a language model and what it cost.</summary>
public sealed class LlmUsage : Record
{
    public string Provider { get; set; } = "";

    public string Model { get; set; } = "";

    public long PromptTokens { get; set; }

    public long CompletionTokens { get; set; }

    /// <summary>The sum of the two.</summary>
    public long TotalTokens { get; set; }

    /// <summary>In <see cref="Currency"/>.</summary>
    public decimal Cost { get; set; }

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; set; } = LlmUsageRules.DefaultCurrency;

    /// <summary>What the call was for, e.g. <c>analysis</c>.</summary>
    public string? Operation { get; set; }

    /// <summary>Milliseconds.</summary>
    public decimal? Latency { get; set; }

    /// <summary>When the call was made, UTC.</summary>
    public DateTime At { get; set; }
}
