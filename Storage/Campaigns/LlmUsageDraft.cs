using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>What a caller says about one call of a language model.</summary>
public sealed record LlmUsageDraft
{
    /// <summary>Needed.</summary>
    public string? Provider { get; init; }

    /// <summary>Needed.</summary>
    public string? Model { get; init; }

    public long PromptTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>The sum of the two where absent, and nothing else where given.</summary>
    public long? TotalTokens { get; init; }

    public decimal Cost { get; init; }

    /// <summary>ISO 4217; USD where absent.</summary>
    public string? Currency { get; init; }

    public string? Operation { get; init; }

    /// <summary>Milliseconds.</summary>
    public decimal? Latency { get; init; }

    /// <summary>When the call was made; now where absent.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? At { get; init; }

    internal LlmUsage ToUsage(DateTime now)
    {
        var usage = new LlmUsage
        {
            Provider = Provider ?? "",
            Model = Model ?? "",
            PromptTokens = PromptTokens,
            CompletionTokens = CompletionTokens,
            TotalTokens = TotalTokens ?? 0,
            Cost = Cost,
            Currency = Currency ?? "",
            Operation = Operation,
            Latency = Latency,
            At = At ?? default,
        };
        LlmUsageRules.Fill(usage, now, total: TotalTokens is null);
        return usage;
    }
}
