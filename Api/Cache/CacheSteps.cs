using System.Text;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;

namespace CloudStore.Api.Cache;

/// <summary>Carries out the operations of a batch: neighbours of one kind in one call of the cache where that is the same.</summary>
internal static class CacheSteps
{
    public static async Task<List<CacheOutcome>> RunAsync(IReadOnlyList<CacheStep> steps, IStoreCache cache, CancellationToken cancellationToken)
    {
        var outcomes = new List<CacheOutcome>(steps.Count);
        while (outcomes.Count < steps.Count)
        {
            var group = Group(steps, outcomes.Count);
            try
            {
                outcomes.AddRange(await RunGroupAsync(group, cache, cancellationToken));
            }
            catch (ProblemException e) when (e.Errors is [var error, ..] && outcomes.Count == 0)
            {
                // Nothing was done yet: the batch is refused like any other with a rule broken.
                throw new ProblemException(e.Kind, e.Message, [error with { Field = group[0].Field + error.Field }], e);
            }
            catch (ProblemException e)
            {
                outcomes.AddRange(group.Select(s => Outcome(s, false) with { Problem = e.Message }));
            }
        }

        return outcomes;
    }

    private static List<CacheStep> Group(IReadOnlyList<CacheStep> steps, int from)
    {
        var first = steps[from];
        var group = new List<CacheStep> { first };
        var keys = new HashSet<string>(StringComparer.Ordinal) { first.Operation.Key };
        bool joins = first.Operation.Op == CacheOperationKind.Get || (first.Operation.Op == CacheOperationKind.Set && first.Mode == SetMode.Always && !first.IsNumber);
        for (int i = from + 1; joins && i < steps.Count && !steps[i].IsNumber && steps[i].Operation.Op == first.Operation.Op && steps[i].SharesOptions(first) && keys.Add(steps[i].Operation.Key); i++)
        {
            group.Add(steps[i]);
        }

        return group;
    }

    private static async Task<IEnumerable<CacheOutcome>> RunGroupAsync(List<CacheStep> group, IStoreCache cache, CancellationToken cancellationToken)
    {
        var first = group[0];
        var key = first.Operation.Key;
        switch (first.Operation.Op)
        {
            case CacheOperationKind.Get:
                var found = await cache.GetManyAsync<byte[]>([.. group.Select(s => s.Operation.Key)], cancellationToken);
                return group.Select(s => found.TryGetValue(s.Operation.Key, out var entry) && entry.Found ? Read(s, entry) : Outcome(s, false));
            case CacheOperationKind.Set when CacheValue.IsNumber(first.Entry, out long number):
                return [Outcome(first, await cache.SetAsync(key, number, first.Options, first.Mode, cancellationToken))];
            case CacheOperationKind.Set when first.Mode == SetMode.Always:
                await cache.SetManyAsync(group.ToDictionary(s => s.Operation.Key, s => s.Entry, StringComparer.Ordinal), first.Options, cancellationToken);
                return group.Select(s => Outcome(s, true));
            case CacheOperationKind.Set:
                return [Outcome(first, await cache.SetAsync(key, first.Entry, first.Options, first.Mode, cancellationToken))];
            case CacheOperationKind.Delete:
                return [Outcome(first, await cache.RemoveAsync(key, cancellationToken))];
            default:
                long sum = await cache.IncrementAsync(key, first.Operation.By ?? 1, first.Options, cancellationToken);
                return [Outcome(first, true) with { Value = JsonSerializer.SerializeToElement(sum, CacheJson.Default.Int64) }];
        }
    }

    private static CacheOutcome Outcome(CacheStep step, bool done) => new() { Op = step.Operation.Op, Key = step.Operation.Key, Done = done };

    private static CacheOutcome Read(CacheStep step, CacheResult<byte[]> entry)
    {
        var (type, start) = CacheValue.Read(entry.Value);
        var value = entry.Value.AsMemory(start!);
        var outcome = Outcome(step, true) with { ContentType = type, ETag = entry.ETag, Ttl = entry.Remaining?.TotalSeconds };
        if (type.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
        {
            return outcome with { Value = JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(value.Span), CacheJson.Default.String) };
        }

        return type.StartsWith(CacheValue.Json, StringComparison.OrdinalIgnoreCase) && TryParse(value, out var json)
            ? outcome with { Value = json }
            : outcome with { Base64 = Convert.ToBase64String(value.Span) };
    }

    // What somebody called JSON need not be any.
    private static bool TryParse(ReadOnlyMemory<byte> value, out JsonElement json)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            json = document.RootElement.Clone();
            return true;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }
}
