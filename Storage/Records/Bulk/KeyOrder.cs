namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// Sorts keys in ordinal order. Eight characters behind what all keys begin with are packed into an integer and sorted as such; strings are compared only
/// where those are equal. Equal keys keep their order.
/// </summary>
internal static class KeyOrder
{
    private const int Packed = sizeof(ulong);
    private const char Saturated = '\u00ff';

    /// <returns>The indexes of the keys, the lowest key's first.</returns>
    public static int[] Of(string[] keys)
    {
        int shared = SharedPrefix(keys);
        var prefixes = new ulong[keys.Length];
        var order = new int[keys.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
            prefixes[i] = Pack(keys[i].AsSpan(shared));
        }

        Array.Sort(prefixes, order);
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && prefixes[end] == prefixes[start];)
            {
                end++;
            }

            if (end - start > 1)
            {
                order.AsSpan(start, end - start).Sort((a, b) => string.CompareOrdinal(keys[a], keys[b]) is var c && c != 0 ? c : a.CompareTo(b));
            }
        }

        return order;
    }

    private static int SharedPrefix(string[] keys)
    {
        ReadOnlySpan<char> shared = keys.Length > 0 ? keys[0] : "";
        foreach (var key in keys)
        {
            shared = shared[..shared.CommonPrefixLength(key)];
        }

        return shared.Length;
    }

    // Order among packed values is order among the keys: characters that do not fit a byte count as equal, and what follows them is not looked at.
    private static ulong Pack(ReadOnlySpan<char> key)
    {
        ulong packed = 0;
        for (int i = 0; i < Packed; i++)
        {
            if (i < key.Length && key[i] >= Saturated)
            {
                return (packed << 8 | Saturated) << (8 * (Packed - 1 - i));
            }

            packed = packed << 8 | (i < key.Length ? key[i] : 0u);
        }

        return packed;
    }
}
