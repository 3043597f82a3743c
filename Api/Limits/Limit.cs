using System.Globalization;

namespace CloudStore.Api.Limits;

/// <summary>Whether a request may go on.</summary>
internal enum LimitAnswer
{
    Granted,
    Refused,

    /// <summary>Redis has to be asked first.</summary>
    Unknown,
}

/// <summary>
/// The limit of one key, tenant or address. Where processes share Redis it takes tokens from there ahead of need, those of a twentieth of a second at a time, so that
/// few requests wait for Redis, and none for longer than it takes to find that it is away; then its own bucket decides, which has counted all along.
/// </summary>
internal sealed class Limit
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(50);

    // Tokens taken and not needed go back to nobody; kept for longer they would let a burst through later.
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly double _rate;
    private readonly int _capacity;
    private readonly int _chunk;
    private readonly SharedBuckets? _shared;
    private readonly TimeProvider _time;
    private readonly TokenBucket _own;
    private int _stock;
    private int _waiting;
    private int _left;
    private long _stockUntil;
    private long _emptyUntil;
    private Task? _asking;

    /// <param name="name">Its name in Redis.</param>
    /// <param name="policy">key, tenant or address: the policy's name in headers.</param>
    public Limit(string name, string policy, LimitOptions options, SharedBuckets? shared, TimeProvider time)
    {
        (_name, _rate, _capacity, _shared, _time) = (name, options.Rate, options.Capacity, shared, time);
        _chunk = (int)Math.Clamp(_rate * Ahead.TotalSeconds, 1, Math.Max(1, _capacity / 10));
        _own = new TokenBucket(_rate, _capacity, time, time.GetTimestamp());
        _left = _capacity;
        Policy = policy;
        // The window in which a whole burst comes back, in seconds: draft-ietf-httpapi-ratelimit-headers section 3.
        PolicyItem = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";q={_capacity};w={Math.Max(1, Math.Ceiling(_capacity / _rate))}");
    }

    public string Policy { get; }

    public string PolicyItem { get; }

    public int Capacity => _capacity;

    public double Rate => _rate;

    /// <summary>True when nothing of it is used up: forgetting it forgets nothing.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _own.Tokens(_time.GetTimestamp()) >= _capacity && _asking is null;
            }
        }
    }

    /// <summary>Requests there would be room for, as far as this process knows.</summary>
    public int Left
    {
        get
        {
            lock (_lock)
            {
                return _shared is null || _shared.IsAway ? (int)_own.Tokens(_time.GetTimestamp()) : _left + _stock;
            }
        }
    }

    /// <summary>Takes a token if that can be said without waiting.</summary>
    public LimitAnswer TryTake(out TimeSpan wait)
    {
        long now = _time.GetTimestamp();
        wait = TimeSpan.Zero;
        lock (_lock)
        {
            if (_shared is not { } shared || shared.IsAway)
            {
                if (_shared?.TakeTry(now) == true)
                {
                    Ask();
                }

                return TakeOwn(now, out wait);
            }

            if (_stock > 0 && now < _stockUntil)
            {
                _stock--;
                _own.Spend(now);
                if (_stock < _chunk / 2)
                {
                    Ask();
                }

                return LimitAnswer.Granted;
            }

            if (now < _emptyUntil)
            {
                wait = _time.GetElapsedTime(now, _emptyUntil);
                return LimitAnswer.Refused;
            }

            return LimitAnswer.Unknown;
        }
    }

    /// <summary>The same, waiting for Redis where it has to.</summary>
    public async ValueTask<(LimitAnswer Answer, TimeSpan Wait)> TakeAsync()
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            // Others who waited may have been faster with what came; after a few rounds there is more demand than Redis can be asked for in time.
            for (int round = 0; round < 4; round++)
            {
                var answer = TryTake(out var wait);
                if (answer != LimitAnswer.Unknown)
                {
                    return (answer, wait);
                }

                Task asking;
                lock (_lock)
                {
                    asking = Ask();
                }

                await asking;
            }

            return (LimitAnswer.Refused, TimeSpan.FromSeconds(1 / _rate));
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Gives a token back that was taken for a request that another limit refused.</summary>
    public void Return()
    {
        lock (_lock)
        {
            _own.Return();
            _stock += _shared?.IsAway == false ? 1 : 0;
        }
    }

    private LimitAnswer TakeOwn(long now, out TimeSpan wait)
    {
        bool taken = _own.TryTake(now);
        wait = taken ? TimeSpan.Zero : _own.UntilNext(now);
        return taken ? LimitAnswer.Granted : LimitAnswer.Refused;
    }

    // One question at a time, whoever wants its answer.
    private Task Ask() => _asking ??= Task.Run(AskAsync);

    private async Task AskAsync()
    {
        int asked = Math.Min(_capacity, Math.Max(_chunk, Volatile.Read(ref _waiting)));
        Grant? grant = null;
        try
        {
            grant = await _shared!.TakeAsync(_name, _rate, _capacity, asked);
        }
        finally
        {
            // Whatever came of it: a question that stayed would be the answer to every request from then on.
            lock (_lock)
            {
                _asking = null;
                Add(grant);
            }
        }
    }

    private void Add(Grant? grant)
    {
        if (grant is not { } got)
        {
            return;
        }

        long now = _time.GetTimestamp();
        _stock = (now < _stockUntil ? _stock : 0) + got.Granted;
        _stockUntil = now + Ticks(Keep);
        _left = got.Left;
        _emptyUntil = got.Granted == 0 ? now + Ticks(got.Wait) : 0;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
