using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>Reads and appends the log in Redis, and begins its generations. Gives the client's exceptions on.</summary>
internal sealed class RedisLog(RedisNames names, Follower follower)
{
    /// <summary>Lines kept: at 10,000 a second for more than a second, fifty polls.</summary>
    public const int Kept = 16_384;

    private readonly RedisKey[] _keys = [names.Meta, names.Log, names.Tags, names.Floors];

    /// <param name="withFloors">True for a process that begins to follow the generation.</param>
    public async Task<LogPage> ReadAsync(IDatabase database, long generation, bool withFloors)
    {
        long started = Stopwatch.GetTimestamp();
        long from = withFloors ? -1 : Positions.Sequence(follower.Position);
        var answer = (RedisResult[])(await RedisScript.Read.RunAsync(database, _keys, generation, from))!;
        long now = (long)answer[0] * 1_000 + (long)answer[1] / 1_000;
        if (answer.Length == 3)
        {
            return new LogPage { Started = started, Generation = 0, Now = now, Sound = false };
        }

        long found = (long)answer[2];
        long position = Positions.Of(found, (long)answer[5]);
        return new LogPage
        {
            Started = started,
            Generation = found,
            Now = now,
            Sound = (long)answer[3] == 1,
            Base = long.Parse((string)answer[4]!, CultureInfo.InvariantCulture),
            Position = position,
            Marks = (long)answer[6],
            Missed = (long)answer[7] == 1,
            Lines = Lines((RedisResult[])answer[8]!, position),
            Floors = Floors((RedisResult[])answer[9]!),
        };
    }

    /// <returns>Null where the generation is another.</returns>
    public async Task<LogPage?> AppendAsync(IDatabase database, long generation, IReadOnlyList<LogEntry> entries)
    {
        bool rings = entries.Any(e => e.What.Kind != InvalidationKind.Key);
        object[] arguments = [generation, Positions.Sequence(follower.Position), Kept, rings ? names.Bell : "",
            .. entries.Select(e => (object)RedisLine.Write(e.What, e.Heard ? 0 : follower.Origin))];
        // Not for a lease: an append is answered later than it was asked for.
        var answer = (RedisResult[])(await RedisScript.Append.RunAsync(database, _keys, arguments))!;
        if (answer.Length == 1)
        {
            return null;
        }

        long before = Positions.Of(generation, (long)answer[1]);
        return new LogPage
        {
            Started = 0,
            Generation = generation,
            Position = Positions.Of(generation, (long)answer[2]),
            Missed = (long)answer[3] == 1,
            Lines = [.. Lines((RedisResult[])answer[4]!, before), .. entries.Select((e, i) => new LogLine(before + 1 + i, e.Heard ? 0 : follower.Origin, e.What))],
        };
    }

    /// <returns>False where this generation or a later one is there.</returns>
    public async Task<bool> BeginAsync(IDatabase database, Regime regime) =>
        (long)await RedisScript.Begin.RunAsync(database, _keys, regime.Generation, regime.Base.ToString(CultureInfo.InvariantCulture), names.Bell) == 1;

    /// <summary>Reads and writes: a server without memory, or one that may only be read, does not pass. Ends generations that are over.</summary>
    public async Task ProbeAsync(IDatabase database, long generation)
    {
        await RedisScript.Retire.RunAsync(database, [names.Meta], generation);
        await database.StringSetAsync(names.Probe, "1", TimeSpan.FromSeconds(1), When.Always, CommandFlags.None);
    }

    private static List<LogLine> Lines(RedisResult[] lines, long last)
    {
        var read = new List<LogLine>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            read.Add(RedisLine.Read((byte[])lines[i]!, last - lines.Length + 1 + i));
        }

        return read;
    }

    private static List<LogLine> Floors(RedisResult[] pairs)
    {
        var read = new List<LogLine>(pairs.Length / 2);
        for (int i = 0; i + 1 < pairs.Length; i += 2)
        {
            read.Add(new LogLine(RedisLine.ReadPosition((string?)pairs[i + 1]), 0, RedisLine.ReadMark((byte[])pairs[i]!)));
        }

        return read;
    }
}
