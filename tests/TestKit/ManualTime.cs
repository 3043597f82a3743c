namespace CloudStore.TestKit;

/// <summary>
/// A clock that only moves when told to. <see cref="Advance"/> fires, in order of their due times and on the calling thread, every timer that
/// becomes due on the way; each callback sees the clock at its own due time. Everything built on <see cref="TimeProvider"/> follows it:
/// <c>Task.Delay</c>, <c>PeriodicTimer</c>, <c>CancellationTokenSource</c> and <c>Task.WaitAsync</c> with this provider.
/// </summary>
/// <param name="start">The first instant; 2026-01-01T00:00:00Z where none is given.</param>
public sealed class ManualTime(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = (start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToUniversalTime();
    private long _sequence;

    /// <summary>Ticks of 100 ns, so that timestamps and UTC time move alike.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers that are set to fire. A test that must not advance before the code under test waits can wait for this to rise.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Moves the clock forward and fires the timers that become due.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        DateTimeOffset target;
        lock (_lock)
            target = _now + by;
        while (TakeDue(target) is { } due)
            due.Fire();
        lock (_lock)
            _now = target > _now ? target : _now;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    // A callback may set or stop timers, so the next one is looked for afresh each time and fired outside the lock.
    private ManualTimer? TakeDue(DateTimeOffset target)
    {
        lock (_lock)
        {
            var due = _timers.Where(timer => timer.Due <= target).OrderBy(timer => timer.Due).ThenBy(timer => timer.Sequence).FirstOrDefault();
            if (due is null)
                return null;
            if (due.Due > _now)
                _now = due.Due;
            if (due.Period > TimeSpan.Zero)
                Schedule(due, due.Due + due.Period);
            else
                _timers.Remove(due);
            return due;
        }
    }

    private void Schedule(ManualTimer timer, DateTimeOffset due)
    {
        timer.Due = due;
        timer.Sequence = _sequence++;
        if (!_timers.Contains(timer))
            _timers.Add(timer);
    }

    private bool Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        var fireNow = false;
        lock (_lock)
        {
            if (timer.Disposed)
                return false;
            timer.Period = period;
            _timers.Remove(timer);
            fireNow = dueTime == TimeSpan.Zero;
            if (dueTime > TimeSpan.Zero)
                Schedule(timer, _now + dueTime);
            else if (fireNow && period > TimeSpan.Zero)
                Schedule(timer, _now + period);
        }
        // A timer due at once does not wait for the clock to move. It fires off the caller's stack, as the system's timers do.
        if (fireNow)
            ThreadPool.QueueUserWorkItem(static state => state.Fire(), timer, preferLocal: false);
        return true;
    }

    private void Remove(ManualTimer timer)
    {
        lock (_lock)
        {
            timer.Disposed = true;
            _timers.Remove(timer);
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; set; }

        /// <summary>Timers due at the same instant fire in the order in which they were set.</summary>
        public long Sequence { get; set; }

        public bool Disposed { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => time.Set(this, dueTime, period);

        public void Dispose() => time.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
