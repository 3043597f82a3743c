using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Campaigns;

/// <summary>The import target <c>llm-usage</c>: what model providers and gateways log of their calls. Rows have no key; each is added.</summary>
public sealed class LlmUsageImport(TimeProvider time) : ImportTarget<LlmUsage>
{
    /// <inheritdoc/>
    public override string Name => "llm-usage";

    /// <inheritdoc/>
    public override bool HasKey => false;

    /// <inheritdoc/>
    public override IReadOnlyList<ImportField<LlmUsage>> TypedFields { get; } =
    [
        ImportField<LlmUsage>.Text("provider", nameof(LlmUsage.Provider), (u, v) => u.Provider = v, u => u.Provider, "vendor") with { Required = true },
        ImportField<LlmUsage>.Text("model", nameof(LlmUsage.Model), (u, v) => u.Model = v, u => u.Model, "modelname", "modelid") with { Required = true },
        ImportField<LlmUsage>.Integer("promptTokens", nameof(LlmUsage.PromptTokens), (u, v) => u.PromptTokens = v, u => u.PromptTokens, "inputtokens", "tokensin"),
        ImportField<LlmUsage>.Integer("completionTokens", nameof(LlmUsage.CompletionTokens), (u, v) => u.CompletionTokens = v, u => u.CompletionTokens, "outputtokens", "tokensout"),
        ImportField<LlmUsage>.Integer("totalTokens", nameof(LlmUsage.TotalTokens), (u, v) => u.TotalTokens = v, u => u.TotalTokens, "tokens"),
        ImportField<LlmUsage>.Decimal("cost", nameof(LlmUsage.Cost), (u, v) => u.Cost = v, u => u.Cost, "costusd", "price", "amount"),
        ImportField<LlmUsage>.Text("currency", nameof(LlmUsage.Currency), (u, v) => u.Currency = v, u => u.Currency),
        ImportField<LlmUsage>.Text("operation", nameof(LlmUsage.Operation), (u, v) => u.Operation = v, u => u.Operation, "purpose", "task"),
        ImportField<LlmUsage>.Decimal("latency", nameof(LlmUsage.Latency), (u, v) => u.Latency = v, u => u.Latency, "latencyms", "durationms"),
        ImportField<LlmUsage>.Instant("at", nameof(LlmUsage.At), (u, v) => u.At = v, u => u.At, "timestamp", "time", "date", "createdat", "requestedat"),
    ];

    /// <inheritdoc/>
    public override void Complete(LlmUsage row, string?[]? key) => LlmUsageRules.Fill(row, time.GetUtcNow().UtcDateTime);

    /// <inheritdoc/>
    public override void Check(LlmUsage row, Action<string, string, string> report) => LlmUsageRules.Check(row, report);
}
