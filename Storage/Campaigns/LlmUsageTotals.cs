namespace CloudStore.Storage.Campaigns;

/// <summary>Model usage by group, and of all groups together.</summary>
/// <param name="Groups">In the order of their keys, calls without the field (key null) last.</param>
public sealed record LlmUsageTotals(IReadOnlyList<LlmUsageTotal> Groups, LlmUsageTotal Total);

/// <summary>What the calls of a group used.</summary>
/// <param name="Key">The group: a name, or a day such as 2026-01-31. Null in the total and for calls without the field.</param>
/// <param name="Requests">How many calls.</param>
/// <param name="PromptTokens">Their sum.</param>
/// <param name="CompletionTokens">Their sum.</param>
/// <param name="TotalTokens">Their sum.</param>
/// <param name="Cost">Their sum; null where the calls were paid in several currencies, whose amounts cannot be added.</param>
/// <param name="Currency">The currency of <paramref name="Cost"/>.</param>
/// <param name="Costs">The sum in each currency.</param>
public sealed record LlmUsageTotal(
    string? Key,
    long Requests,
    long PromptTokens,
    long CompletionTokens,
    long TotalTokens,
    decimal? Cost,
    string? Currency,
    IReadOnlyDictionary<string, decimal> Costs);
