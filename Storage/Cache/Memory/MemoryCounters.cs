using System.Runtime.InteropServices;

namespace CloudStore.Storage.Cache.Memory;

/// <summary>What one tenant's memory has counted. Hits are counted in a cell per processor, so that readers on several do not wait for each other.</summary>
internal sealed class MemoryCounters
{
    private static readonly int Cells = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 64));
    private readonly Cell[] _hits = new Cell[Cells];
    private long _staleHits, _misses, _sets, _evictions, _failures, _factoryRuns;

    public long Hits
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < _hits.Length; i++)
            {
                sum += Volatile.Read(ref _hits[i].Count);
            }

            return sum;
        }
    }

    public long StaleHits => Volatile.Read(ref _staleHits);

    public long Misses => Volatile.Read(ref _misses);

    public long Sets => Volatile.Read(ref _sets);

    public long Evictions => Volatile.Read(ref _evictions);

    /// <summary>Values that could not be decoded.</summary>
    public long Failures => Volatile.Read(ref _failures);

    public long FactoryRuns => Volatile.Read(ref _factoryRuns);

    /// <returns>The hits counted on this processor.</returns>
    public long Hit() => Interlocked.Increment(ref _hits[Thread.GetCurrentProcessorId() & (Cells - 1)].Count);

    public void StaleHit() => Interlocked.Increment(ref _staleHits);

    public void Miss() => Interlocked.Increment(ref _misses);

    public void Set() => Interlocked.Increment(ref _sets);

    public void Evict() => Interlocked.Increment(ref _evictions);

    public void Fail() => Interlocked.Increment(ref _failures);

    public void FactoryRun() => Interlocked.Increment(ref _factoryRuns);

    // A cache line of its own, and the one that is fetched beside it.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(0)]
        public long Count;
    }
}
