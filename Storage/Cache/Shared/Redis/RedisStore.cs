using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>Entries in Redis: one command a read; a write is the command and, behind it on the same connection, a line that many writers share.</summary>
internal sealed class RedisStore : ICacheStore
{
    private const int MostLines = 500;
    private readonly RedisLink _link;
    private readonly RedisNames _names;
    private readonly RedisLog _log;
    private readonly RedisPatience _patience;
    private readonly Follower _follower;
    private readonly ComputedSets _computed = new();
    private readonly GroupCommit<(long Generation, LogEntry Entry)> _appends;

    public RedisStore(RedisLink link, RedisNames names, RedisLog log, RedisPatience patience, Follower follower)
    {
        (_link, _names, _log, _patience, _follower) = (link, names, log, patience, follower);
        _appends = new(AppendGroupAsync, MostLines);
        follower.Keys.Heard = line =>
        {
            if (_computed.TryTake(line.What.Tenant, line.What.Name, out var set) && set.Entry.Position < line.Position)
            {
                _ = TakeBackAsync(set.Place, set.Entry);
            }
        };
    }

    /// <inheritdoc/>
    public CacheSource Source => CacheSource.Redis;

    private IDatabase Database => _link.Database ?? throw new StoreAwayException("there is no connection yet");

    /// <inheritdoc/>
    public async ValueTask<SharedEntry?> GetAsync(Place place, CancellationToken cancellationToken)
    {
        var (database, name) = (Database, _names.Entry(place));
        var value = await _patience.ReadAsync(() => database.StringGetAsync(name, CommandFlags.None), cancellationToken);
        return value.IsNull ? null : await OpenAsync(database, name, value!, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SharedEntry?[]> GetManyAsync(Place[] places, CancellationToken cancellationToken)
    {
        // Single commands, pipelined: a cluster does not take several keys of different slots in one.
        var database = Database;
        var names = Array.ConvertAll(places, p => _names.Entry(p));
        var values = await _patience.ReadAsync(() => Task.WhenAll(names.Select(n => database.StringGetAsync(n, CommandFlags.None))), cancellationToken);
        var entries = new SharedEntry?[places.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = values[i].IsNull ? null : await OpenAsync(database, names[i], values[i]!, cancellationToken);
        }

        return entries;
    }

    /// <inheritdoc/>
    public async Task<bool> SetAsync(Place place, SharedEntry entry, SetMode mode, CancellationToken cancellationToken)
    {
        var (database, name) = (Database, _names.Entry(place));
        if (Life(entry) is not { } life)
        {
            await RemoveAsync(place, cancellationToken);
            return true;
        }

        if (entry.Computed)
        {
            _computed.Add(place, entry);
        }

        var when = mode switch { SetMode.NotExists => When.NotExists, SetMode.Exists => When.Exists, _ => When.Always };
        var set = _patience.WriteAsync(() => database.StringSetAsync(name, Envelope.Write(entry), life, when, CommandFlags.None));
        if (mode == SetMode.Always)
        {
            // Behind the set on the same connection: who hears the line and reads finds the new value. Sent is enough, since what Redis refuses opens the circuit.
            // A computed value waits for the answer, which tells what others have done to the key meanwhile.
            var sent = entry.Computed ? NoteAsync(place) : _appends.SendAsync((place.Generation, Line(place)));
            await set;
            await sent;
            return true;
        }

        bool done = await set;
        await (done ? NoteAsync(place) : Task.CompletedTask);
        return done;
    }

    /// <inheritdoc/>
    public Task SetManyAsync(IReadOnlyList<KeyValuePair<Place, SharedEntry>> entries, CancellationToken cancellationToken) =>
        Task.WhenAll(entries.Select(e => SetAsync(e.Key, e.Value, SetMode.Always, cancellationToken)));

    /// <inheritdoc/>
    public async Task<bool> ReplaceAsync(Place place, SharedEntry found, SharedEntry entry, CancellationToken cancellationToken)
    {
        var (database, name) = (Database, _names.Entry(place));
        if (Life(entry) is not { } life)
        {
            return await RemoveAsync(place, cancellationToken) is not null;
        }

        bool done;
        if (Envelope.IsPlainCounter(found) && Envelope.IsPlainCounter(entry) && found.Payload.Span.SequenceEqual(entry.Payload.Span))
        {
            // Others may be adding to it.
            done = await _patience.WriteAsync(() => database.KeyExpireAsync(name, life, CommandFlags.None));
        }
        else
        {
            done = (long)await _patience.WriteAsync(() => RedisScript.Replace.RunAsync(database, [name], Envelope.Write(found), Envelope.Write(entry), (long)life.TotalMilliseconds)) == 1;
        }

        await (done ? NoteAsync(place) : Task.CompletedTask);
        return done;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(Place place, SharedEntry found, CancellationToken cancellationToken)
    {
        var (database, name) = (Database, _names.Entry(place));
        bool done = (long)await _patience.WriteAsync(() => RedisScript.Release.RunAsync(database, [name], Envelope.Write(found))) == 1;
        await (done ? NoteAsync(place) : Task.CompletedTask);
        return done;
    }

    /// <inheritdoc/>
    public async Task<SharedEntry?> RemoveAsync(Place place, CancellationToken cancellationToken)
    {
        var (database, name) = (Database, _names.Entry(place));
        var read = _patience.WriteAsync(() => database.StringGetAsync(name, CommandFlags.None));
        var remaining = _patience.WriteAsync(() => database.KeyTimeToLiveAsync(name, CommandFlags.None));
        var removed = _patience.WriteAsync(() => database.KeyDeleteAsync(name, CommandFlags.None));
        var appended = NoteAsync(place);
        await Task.WhenAll(read, remaining, removed, appended);
        return await removed && await read is { IsNull: false } value ? Open(value!, await remaining) : null;
    }

    /// <inheritdoc/>
    public async Task<long?> IncrementAsync(Place place, long by, SharedEntry created, CancellationToken cancellationToken)
    {
        var (database, name) = (Database, _names.Entry(place));
        var life = Life(created) ?? TimeSpan.FromMilliseconds(1);
        try
        {
            if (created is { Tags.Count: 0, StaleFor: 0, Sliding: 0 })
            {
                // Made by the first command where there is none, with its end; then added to.
                var made = _patience.WriteAsync(() => database.StringSetAsync(name, "0", life, When.NotExists, CommandFlags.None));
                var added = _patience.WriteAsync(() => database.StringIncrementAsync(name, by, CommandFlags.None));
                var noted = NoteAsync(place);
                await Task.WhenAll(made, added, noted);
                return await added;
            }

            if (await SetAsync(place, created with { Format = Envelope.Number, Payload = Encoding.ASCII.GetBytes(by.ToString(CultureInfo.InvariantCulture)) }, SetMode.NotExists, cancellationToken))
            {
                return by;
            }

            var sum = await _patience.WriteAsync(() => database.StringIncrementAsync(name, by, CommandFlags.None));
            await NoteAsync(place);
            return sum;
        }
        catch (RedisServerException)
        {
            // "value is not an integer", or the sum does not fit: all else is told by the patience.
            return null;
        }
    }

    /// <inheritdoc/>
    public Task AppendAsync(long generation, LogEntry entry, CancellationToken cancellationToken) => _appends.AddAsync((generation, entry));

    /// <inheritdoc/>
    public async Task<long[]> TagPositionsAsync(long generation, string tenant, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var database = Database;
        RedisValue[] fields = [.. tags.Select(t => (RedisValue)RedisLine.Mark(InvalidationKind.Tag, tenant, t))];
        var values = await _patience.ReadAsync(() => database.HashGetAsync(_names.Tags, fields, CommandFlags.None), cancellationToken);
        return Array.ConvertAll(values, v => RedisLine.ReadPosition(v));
    }

    /// <inheritdoc/>
    public Task<bool> TryLeaseAsync(Place place, string token, TimeSpan duration, CancellationToken cancellationToken)
    {
        var database = Database;
        return _patience.ReadAsync(() => database.StringSetAsync(_names.Lease(place), token, duration, When.NotExists, CommandFlags.None), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(Place place, string token)
    {
        var database = Database;
        await _patience.ReadAsync(() => RedisScript.Release.RunAsync(database, [_names.Lease(place)], token), CancellationToken.None);
    }

    private async Task TakeBackAsync(Place place, SharedEntry entry)
    {
        try
        {
            var (database, name) = (Database, _names.Entry(place));
            if ((long)await _patience.WriteAsync(() => RedisScript.Release.RunAsync(database, [name], Envelope.Write(entry))) == 1)
            {
                await NoteAsync(place);
            }
        }
        catch (Exception e) when (e is StoreAwayException or StoreMovedException)
        {
            // The generation is over, and the value with it.
        }
    }

    private Task NoteAsync(Place place) => _appends.AddAsync((place.Generation, Line(place)));

    private static LogEntry Line(Place place) => new(new Invalidation(InvalidationKind.Key, place.Tenant, place.Key), Heard: false);

    private async Task AppendGroupAsync(IReadOnlyList<(long Generation, LogEntry Entry)> group)
    {
        // Of one generation: what was gathered for one that is over is of no use.
        long generation = group.Max(g => g.Generation);
        var entries = new List<LogEntry>(group.Count);
        entries.AddRange(group.Where(g => g.Generation == generation).Select(g => g.Entry));
        var database = Database;
        var page = await _patience.WriteAsync(() => _log.AppendAsync(database, generation, entries)) ?? throw new StoreMovedException();
        if (entries.Count < group.Count || _follower.Apply(page, TimeSpan.Zero) is Followed.Moved)
        {
            throw new StoreMovedException();
        }
    }

    private async ValueTask<SharedEntry?> OpenAsync(IDatabase database, RedisKey name, byte[] value, CancellationToken cancellationToken)
    {
        if (value.Length > 0 && value[0] != Envelope.Magic)
        {
            return Open(value, await _patience.ReadAsync(() => database.KeyTimeToLiveAsync(name, CommandFlags.None), cancellationToken));
        }

        var entry = Open(value, null);
        if (entry is { Sliding: > 0 } && Life(entry) is { } life)
        {
            // Nobody waits for it. Another entry that has taken the place meanwhile says itself when it ends.
            _ = database.KeyExpireAsync(name, life, CommandFlags.FireAndForget);
        }

        return entry;
    }

    private SharedEntry? Open(byte[] value, TimeSpan? remaining)
    {
        long now = _follower.Clock.Now;
        var entry = value.Length > 0 && value[0] == Envelope.Magic ? Envelope.Read(value) : remaining is not { } left ? null : new SharedEntry
        {
            Payload = value,
            Format = Envelope.Number,
            Position = _follower.Position,
            CreatedAt = 0,
            ExpiresAt = now + (long)left.TotalMilliseconds,
            Source = CacheSource.Redis,
        };
        return entry is null || now >= entry.ExpiresAt + entry.StaleFor ? null : entry;
    }

    // How long Redis keeps it; null where it is over already.
    private TimeSpan? Life(SharedEntry entry)
    {
        long left = entry.ExpiresAt - _follower.Clock.Now;
        long life = entry.Sliding > 0 ? Math.Min(entry.Sliding, left) : left + entry.StaleFor;
        return life > 0 ? TimeSpan.FromMilliseconds(life) : null;
    }
}
