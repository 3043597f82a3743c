using System.Diagnostics;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// The clock of the store that holds the log, carried on by this process's monotonic one between two looks. The wall clock of this machine has no part in it.
/// Never goes back while a generation lasts.
/// </summary>
internal sealed class SharedClock
{
    /// <summary>A store's clock that has moved by more than this against ours since the last look was set by somebody.</summary>
    private const long Jump = 2_000;

    private long _offset;
    private long _last;
    private bool _known;

    public long Now
    {
        get
        {
            long now = Local(Stopwatch.GetTimestamp()) + Volatile.Read(ref _offset);
            long last;
            while ((last = Volatile.Read(ref _last)) < now)
            {
                if (Interlocked.CompareExchange(ref _last, now, last) == last)
                {
                    return now;
                }
            }

            return last;
        }
    }

    /// <summary>Forgets what was learned of another store's clock, or of one that was set; the next look sets it. Nothing that was timed by it may be in use any more.</summary>
    public void Begin()
    {
        _known = false;
        Volatile.Write(ref _last, 0);
    }

    /// <summary>Takes the store's time. One thread at a time.</summary>
    /// <param name="now">Milliseconds since 1970, as the store answered.</param>
    /// <param name="started">When it was asked.</param>
    /// <returns>False where its clock was set: what it keeps by that clock lives too short or too long.</returns>
    public bool Take(long now, long started)
    {
        long ended = Stopwatch.GetTimestamp();
        long offset = now - (Local(started) + Local(ended)) / 2;
        long change = offset - _offset;
        long uncertain = Local(ended) - Local(started);
        if (_known && Math.Abs(change) > Jump + uncertain)
        {
            return false;
        }

        if (!_known || uncertain <= 5 || Math.Abs(change) > uncertain)
        {
            Volatile.Write(ref _offset, offset);
        }

        _known = true;
        return true;
    }

    private static long Local(long timestamp) => (long)(timestamp * (1_000.0 / Stopwatch.Frequency));
}
