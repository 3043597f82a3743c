using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>
/// What must be one step in Redis. Each script looks at the generation first: one that a frozen server executes after it wakes, when the generation is over,
/// changes nothing that is read. Sequences fit a double, which is what Lua counts with; whole positions would not.
/// </summary>
internal sealed class RedisScript
{
    /// <summary>ARGV: generation, the asker's sequence, lines kept, channel (nothing where all lines are of keys), lines. Answers generation, sequence before, sequence after, missed, lines between.</summary>
    public static readonly RedisScript Append = new("""
        local m = redis.call('HMGET', KEYS[1], 'g', 'p')
        if m[1] ~= ARGV[1] then return {m[1] or ''} end
        local before = tonumber(m[2])
        local n = before - tonumber(ARGV[2])
        local lines, missed = {}, 0
        if n < 0 or n > redis.call('LLEN', KEYS[2]) then missed = 1
        elseif n > 0 then lines = redis.call('LRANGE', KEYS[2], -n, -1) end
        local p = redis.call('HINCRBY', KEYS[1], 'p', #ARGV - 4)
        if redis.call('RPUSH', KEYS[2], unpack(ARGV, 5)) > 2 * ARGV[3] then redis.call('LTRIM', KEYS[2], -tonumber(ARGV[3]), -1) end
        if ARGV[4] ~= '' then
          for i = 5, #ARGV do
            local kind, at = string.byte(ARGV[i], 9), ARGV[1] .. ':' .. (before + i - 4)
            if kind == 2 then redis.call('HSET', KEYS[3], string.sub(ARGV[i], 9), at)
            elseif kind > 2 then redis.call('HSET', KEYS[4], string.sub(ARGV[i], 9), at) end
          end
          redis.call('PUBLISH', ARGV[4], p)
        end
        return {m[1], before, p, missed, lines}
        """);

    /// <summary>ARGV: generation, the asker's sequence or -1 for one who knows nothing yet. Answers time, microseconds, generation, sound, base, sequence, marks, missed, lines, floors.</summary>
    public static readonly RedisScript Read = new("""
        local t = redis.call('TIME')
        local m = redis.call('HMGET', KEYS[1], 'g', 'p', 'b', 'run')
        if not m[1] then return {t[1], t[2], ''} end
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
        local sound = 0
        if run == m[4] then sound = 1 end
        local p, from = tonumber(m[2]), tonumber(ARGV[2])
        local lines, floors, missed = {}, {}, 0
        if m[1] == ARGV[1] then
          if from < 0 then floors = redis.call('HGETALL', KEYS[4])
          elseif p < from or p - from > redis.call('LLEN', KEYS[2]) then missed = 1
          elseif p > from then lines = redis.call('LRANGE', KEYS[2], from - p, -1) end
        end
        return {t[1], t[2], m[1], sound, m[3], p, redis.call('HLEN', KEYS[3]) + redis.call('HLEN', KEYS[4]), missed, lines, floors}
        """);

    /// <summary>ARGV: new generation, base, channel. Answers 1 where it began, 0 where this generation or a later one is there.</summary>
    public static readonly RedisScript Begin = new("""
        local g = redis.call('HGET', KEYS[1], 'g')
        if g and tonumber(g) >= tonumber(ARGV[1]) then return 0 end
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
        redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
        redis.call('HMSET', KEYS[1], 'g', ARGV[1], 'p', 0, 'b', ARGV[2], 'run', run)
        redis.call('PUBLISH', ARGV[3], 0)
        return 1
        """);

    /// <summary>ARGV: a generation. Ends every earlier one, so that who reaches Redis alone learns that it no longer holds.</summary>
    public static readonly RedisScript Retire = new("""
        local g = redis.call('HGET', KEYS[1], 'g')
        if g and tonumber(g) < tonumber(ARGV[1]) then redis.call('UNLINK', KEYS[1]) end
        return 1
        """);

    /// <summary>ARGV: the expected value, the new one, milliseconds to live. Answers 1 where it was replaced.</summary>
    public static readonly RedisScript Replace = new("""
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """);

    /// <summary>ARGV: the expected value. Answers 1 where it was removed.</summary>
    public static readonly RedisScript Release = new("""
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """);

    private readonly string _text;
    private readonly string _hash;

    private RedisScript(string text)
    {
        _text = text;
        // Redis names scripts by SHA-1; nothing is secured by it.
#pragma warning disable CA5350
        _hash = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, params object[] arguments)
    {
        object[] all = [_hash, keys.Length, .. keys.Select(k => (object)k), .. arguments];
        try
        {
            return await database.ExecuteAsync("EVALSHA", all);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            all[0] = _text;
            return await database.ExecuteAsync("EVAL", all);
        }
    }
}
