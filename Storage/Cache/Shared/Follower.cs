using System.Diagnostics;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>What came of a page.</summary>
internal enum Followed
{
    Applied,

    /// <summary>The store's generation is not ours, or it has lost a part of it.</summary>
    Moved,

    /// <summary>Lines are gone: what they made invalid is not known.</summary>
    Missed,

    /// <summary>The store's clock was set.</summary>
    ClockSet,
}

/// <summary>Applies the log in this process: floors, the sink, the position, and until when all of it can be relied on.</summary>
internal sealed class Follower
{
    private readonly Lock _lock = new();
    private IInvalidationSink? _sink;
    private long _generation;
    private long _position;
    private long _currentUntil;

    /// <summary>Names this process in the log; never 0.</summary>
    public long Origin { get; } = BitConverter.ToInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8)) | 1;

    public Floors Floors { get; } = new();

    public SharedClock Clock { get; } = new();

    /// <summary>Keys that other processes have lately set or removed.</summary>
    public RecentKeys Keys { get; } = new();

    public long Position => Volatile.Read(ref _position);

    public bool IsCurrent(long timestamp) => timestamp < Volatile.Read(ref _currentUntil);

    public void Follow(IInvalidationSink sink) => _sink = sink;

    /// <summary>From now on nothing is current, until <see cref="Begin"/>.</summary>
    public void Suspend()
    {
        lock (_lock)
        {
            _generation = 0;
            Volatile.Write(ref _currentUntil, 0);
        }
    }

    /// <summary>Begins to follow a generation, or begins anew with it.</summary>
    /// <param name="page">One that was asked for with all floors.</param>
    /// <param name="lease">How long after the page was asked for it can be relied on.</param>
    public void Begin(Regime regime, LogPage page, TimeSpan lease)
    {
        lock (_lock)
        {
            Volatile.Write(ref _currentUntil, 0);
            if (page.Now > 0)
            {
                Clock.Begin();
                Clock.Take(page.Now, page.Started);
            }

            Floors.Reset(regime.Base, page.Floors);
            Keys.Reset(page.Position);
            _generation = regime.Generation;
            Volatile.Write(ref _position, Math.Max(page.Position, Position));
            _sink?.Forget();
            Volatile.Write(ref _currentUntil, Until(page, lease));
        }
    }

    /// <summary>Applies what is new in a page.</summary>
    public Followed Apply(LogPage page, TimeSpan lease)
    {
        lock (_lock)
        {
            if (page.Generation != _generation || !page.Sound)
            {
                return Followed.Moved;
            }

            if (page.Position > Position && page.Missed)
            {
                Volatile.Write(ref _currentUntil, 0);
                return Followed.Missed;
            }

            if (page.Now > 0 && !Clock.Take(page.Now, page.Started))
            {
                return Followed.ClockSet;
            }

            foreach (var line in page.Lines)
            {
                if (line.Position > Position + 1)
                {
                    return Followed.Missed;
                }

                Apply(line);
            }

            if (Position < page.Position)
            {
                return Followed.Missed;
            }

            Volatile.Write(ref _currentUntil, Math.Max(_currentUntil, Until(page, lease)));
            return Followed.Applied;
        }
    }

    /// <summary>Applies in this process alone what could be appended nowhere. Whoever calls it sees to another generation before anything is current again.</summary>
    public void ApplyAlone(Invalidation what)
    {
        lock (_lock)
        {
            Volatile.Write(ref _currentUntil, 0);
            Apply(new LogLine(Position + 1, 0, what));
        }
    }

    private void Apply(LogLine line)
    {
        if (line.Position <= Position)
        {
            return;
        }

        Floors.Apply(line.What, line.Position);
        if (line.Origin != Origin)
        {
            Keys.Note(line);
            _sink?.Apply(line.What, line.Position);
        }

        Volatile.Write(ref _position, line.Position);
    }

    private static long Until(LogPage page, TimeSpan lease) => page.Started + (long)(lease.TotalSeconds * Stopwatch.Frequency);
}
