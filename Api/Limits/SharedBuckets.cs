using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CloudStore.Api.Limits;

/// <summary>What a bucket in Redis gave.</summary>
/// <param name="Granted">Tokens taken, 0 to those asked for.</param>
/// <param name="Left">Tokens it has left.</param>
/// <param name="Wait">Until it has one again; zero where it gave some.</param>
internal readonly record struct Grant(int Granted, int Left, TimeSpan Wait);

/// <summary>
/// Token buckets in Redis, which all processes take from. One script a call, on Redis's own clock. While Redis fails it is not asked, but for one try a second.
/// </summary>
internal sealed partial class SharedBuckets(IConnectionMultiplexer redis, TimeProvider time, ILogger<SharedBuckets> logger)
{
    private const string Prefix = "cloudstore:limit:";

    // A clock that went back fills nothing and takes nothing away.
    private const string Take = """
        local rate, burst, asked = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local b = redis.call('HMGET', KEYS[1], 'n', 't')
        local n, at = tonumber(b[1]) or burst, tonumber(b[2]) or now
        n = math.min(burst, n + math.max(0, now - at) * rate)
        local granted = math.min(asked, math.floor(n))
        n = n - granted
        redis.call('HMSET', KEYS[1], 'n', tostring(n), 't', now)
        redis.call('PEXPIRE', KEYS[1], math.ceil((burst - n) / rate) + 1000)
        local wait = 0
        if granted == 0 then wait = math.ceil((1 - n) / rate) end
        return {granted, math.floor(n), wait}
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);
    private volatile bool _away;
    private long _retryAt;

    /// <summary>True while Redis is not to be waited for.</summary>
    public bool IsAway => _away;

    /// <summary>True for one caller a second while Redis is away: that one tries.</summary>
    public bool TakeTry(long now)
    {
        long at = Volatile.Read(ref _retryAt);
        return now >= at && Interlocked.CompareExchange(ref _retryAt, now + Ticks(BetweenTries), at) == at;
    }

    /// <returns>Null when Redis did not answer in time, or not as it should; never throws.</returns>
    public async Task<Grant?> TakeAsync(string name, double rate, int capacity, int asked)
    {
        try
        {
            // The script is sent each time: there are a few calls a second, and a Redis that was restarted has forgotten all scripts.
            var answer = await redis.GetDatabase().ExecuteAsync(
                "EVAL", Take, 1, Prefix + name, (rate / 1000).ToString("R", CultureInfo.InvariantCulture), capacity, asked).WaitAsync(Patience, time);
            var values = (RedisResult[])answer!;
            Answers();
            return new Grant((int)values[0], (int)values[1], TimeSpan.FromMilliseconds((long)values[2]));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fails(e);
            return null;
        }
    }

    private void Answers()
    {
        if (_away)
        {
            _away = false;
            Back(logger);
        }
    }

    private void Fails(Exception e)
    {
        Volatile.Write(ref _retryAt, time.GetTimestamp() + Ticks(BetweenTries));
        if (!_away)
        {
            _away = true;
            Away(logger, e.Message);
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(1, LogLevel.Warning, "Redis does not answer; rate limits are counted by each process for itself. {Reason}")]
    private static partial void Away(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "Redis answers again; rate limits are counted over all processes.")]
    private static partial void Back(ILogger logger);
}
