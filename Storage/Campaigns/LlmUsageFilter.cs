using System.Globalization;

namespace CloudStore.Storage.Campaigns;

/// <summary>Which calls; what is null does not filter. Texts match exactly, in their case.</summary>
public sealed record LlmUsageFilter
{
    public string? Provider { get; init; }

    public string? Model { get; init; }

    public string? Operation { get; init; }

    /// <summary>UTC, inclusive.</summary>
    public DateTime? From { get; init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTime? Before { get; init; }

    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(CultureInfo.InvariantCulture, $"llm-usage\u001f{Provider}\u001f{Model}\u001f{Operation}\u001f{From?.Ticks}\u001f{Before?.Ticks}");

    internal IQueryable<LlmUsage> Apply(IQueryable<LlmUsage> query)
    {
        query = Provider is { Length: > 0 } provider ? query.Where(u => u.Provider == provider) : query;
        query = Model is { Length: > 0 } model ? query.Where(u => u.Model == model) : query;
        query = Operation is { Length: > 0 } operation ? query.Where(u => u.Operation == operation) : query;
        query = From is { } from ? query.Where(u => u.At >= from) : query;
        return Before is { } before ? query.Where(u => u.At < before) : query;
    }
}
