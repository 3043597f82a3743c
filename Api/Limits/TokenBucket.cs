namespace CloudStore.Api.Limits;

/// <summary>A token bucket in memory. Not safe for concurrent use: its owner locks.</summary>
/// <param name="rate">Tokens a second.</param>
/// <param name="capacity">The most it holds, and what it begins with.</param>
/// <param name="now">On the clock of <paramref name="time"/>.</param>
internal sealed class TokenBucket(double rate, int capacity, TimeProvider time, long now)
{
    private double _tokens = capacity;
    private long _at = now;

    public double Tokens(long now)
    {
        if (now > _at)
        {
            _tokens = Math.Min(capacity, _tokens + time.GetElapsedTime(_at, now).TotalSeconds * rate);
            _at = now;
        }

        return _tokens;
    }

    public bool TryTake(long now)
    {
        if (Tokens(now) < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }

    /// <summary>Counts a token that was granted elsewhere.</summary>
    public void Spend(long now) => _tokens = Math.Max(0, Tokens(now) - 1);

    /// <summary>Puts one back that was not used.</summary>
    public void Return() => _tokens = Math.Min(capacity, _tokens + 1);

    /// <summary>Until there is a token.</summary>
    public TimeSpan UntilNext(long now) => TimeSpan.FromSeconds(Math.Max(0, (1 - Tokens(now)) / rate));
}
