namespace CloudStore.Storage.Tests.Cache;

/// <summary>What a call did to one key, as the model sees it.</summary>
internal enum Did
{
    /// <summary>Read <see cref="Operation.Value"/>; null: found none.</summary>
    Read,
    Set,

    /// <summary>Tried to set <see cref="Operation.Value"/> where there was none; <see cref="Operation.Succeeded"/> says if it did.</summary>
    SetIfNone,
    SetIfThere,

    /// <summary>Removed it, or made it invalid.</summary>
    Remove,

    /// <summary>Got <see cref="Operation.Value"/>; <see cref="Operation.Succeeded"/> says if its own factory made it.</summary>
    GetOrCreate,

    /// <summary>Added <see cref="Operation.By"/>, to <see cref="Operation.Value"/>.</summary>
    Increment,
}

/// <summary>A call and what came of it. Begin and end are places in one order of all begins and ends.</summary>
internal sealed record Operation(string Key, Did Did, long? Value, bool Succeeded, long By, long Begin, long End)
{
    /// <summary>When its own factory began, where that made the value.</summary>
    public long FactoryBegin { get; init; }

    public bool IsWrite => Did is Did.Remove or Did.Set || (Did is Did.SetIfNone or Did.SetIfThere && Succeeded);
}

/// <summary>
/// Decides whether the calls of one key could have happened one after the other, each at some moment between its begin and its end, on a cache that holds one value a key:
/// linearizability (Herlihy and Wing 1990), by the search of Wing and Gong with the memory of visited states that Lowe added.
/// </summary>
/// <param name="mayLose">True: an entry may be gone at any time, so that finding none says nothing.</param>
internal sealed class CacheHistory(bool mayLose)
{
    public static string? Fault(IEnumerable<Operation> operations, bool mayLose) => operations.GroupBy(o => o.Key)
        .Select(key => Outdated([.. key.OrderBy(o => o.Begin)]) ?? new CacheHistory(mayLose).FaultOf([.. key.OrderBy(o => o.Begin)])).FirstOrDefault(fault => fault is not null);

    // What a factory read before a write began is not for a caller who came after that write had ended.
    private static string? Outdated(Operation[] operations)
    {
        var made = operations.Where(o => o.FactoryBegin > 0).ToDictionary(o => o.Value!.Value, o => o.FactoryBegin);
        long lastBegin = 0;
        var writes = new Queue<Operation>(operations.Where(o => o.IsWrite).OrderBy(o => o.End));
        foreach (var o in operations)
        {
            while (writes.TryPeek(out var write) && write.End < o.Begin)
            {
                lastBegin = Math.Max(lastBegin, writes.Dequeue().Begin);
            }

            if (o.Did is Did.Read or Did.GetOrCreate && o.Value is { } value && made.TryGetValue(value, out long factoryBegin) && factoryBegin < lastBegin)
            {
                return $"{o.Key}: the call of {o.Begin} to {o.End} got {value}, which a factory began to make at {factoryBegin}, before the write that began at {lastBegin} and had ended";
            }
        }

        return null;
    }

    private readonly HashSet<(string Done, long? Value)> _seen = [];

    private string? FaultOf(Operation[] operations)
    {
        var done = new bool[operations.Length];
        int longest = 0;
        return Search(operations, done, 0, null, ref longest) ? null
            : $"no order explains the calls of {operations[0].Key}; {longest} of {operations.Length} can be placed, around: "
                + string.Join("; ", operations.Skip(Math.Max(0, longest - 6)).Take(14).Select(o => $"[{o.Begin}-{o.End}] {o.Did} {o.Value} {o.Succeeded}"));
    }

    // Iterative: a history is longer than a stack. A choice is a call and which of its two outcomes it had.
    private bool Search(Operation[] operations, bool[] done, int first, long? value, ref int longest)
    {
        var path = new Stack<(int Choice, long? Before, int First)>();
        int choice = 0;
        while (true)
        {
            while (first < done.Length && done[first])
            {
                first++;
            }

            if (first == done.Length)
            {
                return true;
            }

            longest = Math.Max(longest, path.Count);
            if (Place(operations, done, first, ref choice, value, out long? after))
            {
                path.Push((choice, value, first));
                done[choice / 2] = true;
                value = after;
                choice = 0;
                if (_seen.Add((StateOf(done, first), value)))
                {
                    continue;
                }
            }

            if (!path.TryPop(out var step))
            {
                return false;
            }

            done[step.Choice / 2] = false;
            (choice, value, first) = (step.Choice + 1, step.Before, step.First);
        }
    }

    // The next choice from that one on: of calls that no open one has ended before.
    private bool Place(Operation[] operations, bool[] done, int first, ref int choice, long? value, out long? after)
    {
        long earliestEnd = long.MaxValue;
        for (int i = first; i < operations.Length && operations[i].Begin < earliestEnd; i++)
        {
            earliestEnd = done[i] ? earliestEnd : Math.Min(earliestEnd, operations[i].End);
        }

        for (choice = Math.Max(2 * first, choice); choice < 2 * operations.Length && operations[choice / 2].Begin <= earliestEnd; choice++)
        {
            var operation = operations[choice / 2];
            if (!done[choice / 2] && (choice % 2 == 0 ? Allows(operation, value, out after) : AllowsUnkept(operation, value, operations, out after)))
            {
                return true;
            }
        }

        after = null;
        return false;
    }

    // A factory's value may be returned to those who waited for it and not be kept: something happened to the key meanwhile.
    private static bool AllowsUnkept(Operation o, long? value, Operation[] operations, out long? after)
    {
        after = value;
        return o.Did == Did.GetOrCreate && value is null
            && (o.Succeeded || operations.Any(maker => maker.Did == Did.GetOrCreate && maker.Succeeded && maker.Value == o.Value && maker.Begin < o.End && maker.End > o.Begin));
    }

    private bool Allows(Operation o, long? value, out long? after)
    {
        after = value;
        switch (o.Did)
        {
            case Did.Read:
                return o.Value == value || (mayLose && o.Value is null);
            case Did.Set:
                after = o.Value;
                return true;
            case Did.SetIfNone:
                after = o.Succeeded ? o.Value : value;
                return o.Succeeded ? value is null || mayLose : value is not null;
            case Did.SetIfThere:
                after = o.Succeeded ? o.Value : value;
                return o.Succeeded ? value is not null : value is null || mayLose;
            case Did.Remove:
                after = null;
                return true;
            case Did.GetOrCreate:
                after = o.Value;
                return o.Value == value || (o.Succeeded && (value is null || mayLose));
            default:
                after = o.Value;
                return o.Value == (value ?? 0) + o.By || (mayLose && o.Value == o.By);
        }
    }

    private static string StateOf(bool[] done, int first)
    {
        int last = done.Length - 1;
        while (last >= first && !done[last])
        {
            last--;
        }

        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{first}:{string.Concat(done[first..(last + 1)].Select(d => d ? '1' : '0'))}");
    }
}
