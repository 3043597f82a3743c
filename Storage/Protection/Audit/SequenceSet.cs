namespace CloudStore.Storage.Protection.Audit;

/// <summary>A set of sequences, a bit each where they are dense: millions of events take kilobytes for each hundred thousand.</summary>
internal sealed class SequenceSet
{
    private const int ChunkBits = 1 << 15;
    private readonly Dictionary<long, ulong[]> _chunks = [];

    public void Add(long sequence)
    {
        var (chunk, bit) = Math.DivRem(sequence, ChunkBits);
        if (!_chunks.TryGetValue(chunk, out var words))
        {
            _chunks[chunk] = words = new ulong[ChunkBits / 64];
        }

        words[bit / 64] |= 1UL << (int)(bit % 64);
    }

    public bool Contains(long sequence)
    {
        var (chunk, bit) = Math.DivRem(sequence, ChunkBits);
        return _chunks.TryGetValue(chunk, out var words) && (words[bit / 64] & (1UL << (int)(bit % 64))) != 0;
    }
}
