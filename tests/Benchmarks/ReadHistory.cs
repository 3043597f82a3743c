using System.Collections.Concurrent;
using System.Diagnostics;

namespace CloudStore.Benchmarks;

/// <summary>
/// What was written when, and what reads saw: a value that only rises. A read is stale by the time between the first write it does not show being acknowledged and the read's begin.
/// </summary>
internal sealed class ReadHistory
{
    private readonly ConcurrentQueue<(long At, decimal Value)> _acknowledged = new();
    private readonly ConcurrentQueue<Read> _reads = new();

    /// <param name="Phase">Which part of the run.</param>
    /// <param name="Server">Which process answered.</param>
    /// <param name="Began">Timestamp.</param>
    /// <param name="Ended">Timestamp.</param>
    /// <param name="Value">What it showed; null: it failed.</param>
    public readonly record struct Read(string Phase, int Server, long Began, long Ended, decimal? Value);

    /// <summary>A phase's figures.</summary>
    /// <param name="Reads">How many.</param>
    /// <param name="Failed">Of them.</param>
    /// <param name="P50">Milliseconds.</param>
    /// <param name="P99">Milliseconds.</param>
    /// <param name="Slowest">Milliseconds.</param>
    /// <param name="StaleOwn">The worst staleness in the process that wrote, ms.</param>
    /// <param name="StaleOther">The worst staleness in the other, ms.</param>
    /// <param name="Beyond">Reads of the other that were stale by more than the bound.</param>
    public sealed record Figures(int Reads, int Failed, double P50, double P99, double Slowest, double StaleOwn, double StaleOther, int Beyond);

    public void Acknowledged(decimal value) => _acknowledged.Enqueue((Stopwatch.GetTimestamp(), value));

    public void Add(Read read) => _reads.Enqueue(read);

    public Figures Of(string phase, TimeSpan bound)
    {
        var writes = _acknowledged.ToArray();
        var reads = _reads.Where(r => r.Phase == phase).ToArray();
        double[] times = [.. reads.Select(r => Stopwatch.GetElapsedTime(r.Began, r.Ended).TotalMilliseconds).Order()];
        var stale = reads.Where(r => r.Value is not null).Select(r => (r.Server, Stale: Stale(r, writes))).ToArray();
        double Worst(int server) => stale.Where(s => s.Server == server).Select(s => s.Stale).DefaultIfEmpty().Max();
        return new Figures(reads.Length, reads.Count(r => r.Value is null), At(0.5), At(0.99), At(1), Worst(0), Worst(1), stale.Count(s => s.Server == 1 && s.Stale > bound.TotalMilliseconds));

        double At(double part) => times.Length == 0 ? 0 : times[(int)Math.Min(times.Length - 1, times.Length * part)];
    }

    // Writes are in the order of their values.
    private static double Stale(Read read, (long At, decimal Value)[] writes)
    {
        int low = 0, high = writes.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = writes[middle].Value > read.Value ? (low, middle) : (middle + 1, high);
        }

        return low == writes.Length || writes[low].At >= read.Began ? 0 : Stopwatch.GetElapsedTime(writes[low].At, read.Began).TotalMilliseconds;
    }
}
