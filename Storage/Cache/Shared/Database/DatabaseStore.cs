using System.Globalization;
using System.Text;
using CloudStore.Storage.Cache.Shared.Redis;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>
/// Entries in the database. A write and its line are one transaction, which many writers share: it adds to the position first, so that lines are committed in
/// their order and none can appear behind one that was read.
/// </summary>
internal sealed class DatabaseStore : ICacheStore
{
    private const int MostWrites = 200;

    // SQLite refuses expressions that are deeper than 1,000.
    private const int MostKeys = 500;
    private readonly CacheDatabase _database;
    private readonly DatabaseGuard _guard;
    private readonly Follower _follower;
    private readonly Func<Task> _catchUp;
    private readonly GroupCommit<Write> _writes;

    /// <param name="catchUp">Reads the log.</param>
    public DatabaseStore(CacheDatabase database, DatabaseGuard guard, Follower follower, Func<Task> catchUp)
    {
        (_database, _guard, _follower, _catchUp) = (database, guard, follower, catchUp);
        _writes = new(CommitAsync, MostWrites);
    }

    /// <inheritdoc/>
    public CacheSource Source => CacheSource.Database;

    /// <summary>Writes that this process has carried out.</summary>
    public long Written { get; private set; }

    /// <summary>Bytes of values that it has written.</summary>
    public long WrittenBytes { get; private set; }

    private long Now => _follower.Clock.Now;

    /// <inheritdoc/>
    public async ValueTask<SharedEntry?> GetAsync(Place place, CancellationToken cancellationToken)
    {
        var rows = await _guard.RunAsync(() => _database.QueryAsync(CacheSql.Get, [place.Generation, place.Tenant, place.Key, place.Floor, Now], EntryColumns.Read, cancellationToken), cancellationToken);
        return rows.Count == 0 ? null : Slid(place, rows[0].Entry);
    }

    /// <inheritdoc/>
    public async ValueTask<SharedEntry?[]> GetManyAsync(Place[] places, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, SharedEntry>(StringComparer.Ordinal);
        foreach (var some in places.Chunk(MostKeys))
        {
            object[] parameters = [some[0].Generation, some[0].Tenant, Now, .. some.SelectMany(p => new object[] { p.Key, p.Floor })];
            foreach (var (key, entry) in await _guard.RunAsync(() => _database.QueryAsync(CacheSql.GetMany(some.Length), parameters, EntryColumns.Read, cancellationToken), cancellationToken))
            {
                found[key] = entry;
            }
        }

        return Array.ConvertAll(places, p => found.GetValueOrDefault(p.Key) is { } entry ? Slid(p, entry) : null);
    }

    /// <inheritdoc/>
    public async Task<bool> SetAsync(Place place, SharedEntry entry, SetMode mode, CancellationToken cancellationToken)
    {
        long now = Now;
        if (EntryColumns.EndsAt(entry, now) <= now)
        {
            await RemoveAsync(place, cancellationToken);
            return true;
        }

        return await WriteAsync(place, mode switch
        {
            SetMode.NotExists => new Statement(CacheSql.SetNew, true, EntryColumns.Of(place, entry, now, now)),
            SetMode.Exists => new Statement(CacheSql.SetOld, true, EntryColumns.Of(place, entry, now, now)),
            _ => new Statement(entry.Computed ? CacheSql.SetComputed : CacheSql.Set, true, EntryColumns.Of(place, entry, now)),
        }) is not null;
    }

    /// <inheritdoc/>
    public Task SetManyAsync(IReadOnlyList<KeyValuePair<Place, SharedEntry>> entries, CancellationToken cancellationToken) =>
        Task.WhenAll(entries.Select(e => SetAsync(e.Key, e.Value, SetMode.Always, cancellationToken)));

    /// <inheritdoc/>
    public async Task<bool> ReplaceAsync(Place place, SharedEntry found, SharedEntry entry, CancellationToken cancellationToken)
    {
        long now = Now;
        short keeps = (short)(EntryColumns.Number(found) is { } number && EntryColumns.Number(entry) == number ? 1 : 0);
        return await WriteAsync(place, new Statement(CacheSql.Replace, true, EntryColumns.Of(place, entry, now,
            [now, found.Position, found.CreatedAt, found.ExpiresAt, keeps, EntryColumns.Bytes(found), EntryColumns.Number(found) ?? 0]))) is not null;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(Place place, SharedEntry found, CancellationToken cancellationToken) => await WriteAsync(place, new Statement(CacheSql.RemoveFound, true,
        place.Generation, place.Tenant, place.Key, place.Floor, found.Position, found.CreatedAt, found.ExpiresAt, EntryColumns.Bytes(found), EntryColumns.Number(found) ?? 0)) is not null;

    /// <inheritdoc/>
    public async Task<SharedEntry?> RemoveAsync(Place place, CancellationToken cancellationToken)
    {
        var found = await GetAsync(place, cancellationToken);
        await WriteAsync(place, new Statement(CacheSql.Remove, false, place.Generation, place.Tenant, place.Key));
        return found;
    }

    /// <inheritdoc/>
    public async Task<long?> IncrementAsync(Place place, long by, SharedEntry created, CancellationToken cancellationToken)
    {
        long now = Now;
        var entry = created with { Format = Envelope.Number, Payload = Encoding.ASCII.GetBytes(by.ToString(CultureInfo.InvariantCulture)) };
        return (long?)await WriteAsync(place, new Statement(CacheSql.Increment, true, EntryColumns.Of(place, entry, now, now)),
            new Statement(CacheSql.RemoveDead, false, place.Generation, place.Tenant, place.Key, place.Floor, now));
    }

    /// <inheritdoc/>
    public async Task AppendAsync(long generation, LogEntry entry, CancellationToken cancellationToken)
    {
        var write = new Write(generation, entry, null, null);
        await _writes.AddAsync(write);
        if (_follower.Position < write.Position)
        {
            await _catchUp();
        }
    }

    /// <inheritdoc/>
    public async Task<long[]> TagPositionsAsync(long generation, string tenant, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var rows = await _guard.RunAsync(() => _database.QueryAsync(CacheSql.Tags(tags.Count), [tenant, .. tags], r => (r.GetString(0), r.GetInt64(1)), cancellationToken), cancellationToken);
        var found = rows.ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);
        return [.. tags.Select(t => found.GetValueOrDefault(t))];
    }

    /// <inheritdoc/>
    public Task<bool> TryLeaseAsync(Place place, string token, TimeSpan duration, CancellationToken cancellationToken)
    {
        long now = Now;
        return _guard.RunAsync(async () => await _database.ExecuteAsync(CacheSql.Lease, [place.Tenant, place.Key, token, now + (long)duration.TotalMilliseconds, now], cancellationToken) == 1, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(Place place, string token) =>
        _guard.RunAsync(() => _database.ExecuteAsync(CacheSql.Release, [place.Tenant, place.Key, token], CancellationToken.None), CancellationToken.None);

    private async Task<object?> WriteAsync(Place place, Statement statement, Statement? before = null)
    {
        var write = new Write(place.Generation, new LogEntry(new Invalidation(InvalidationKind.Key, place.Tenant, place.Key), Heard: false), statement, before);
        await _writes.AddAsync(write);
        return write.Answer;
    }

    private async Task CommitAsync(IReadOnlyList<Write> group)
    {
        long generation = group.Max(w => w.Generation);
        var writes = group.Where(w => w.Generation == generation).ToList();
        var statements = new List<Statement>(writes.Count * 3 + 1) { new(CacheSql.Advance, true, generation, (long)writes.Count) };
        var results = new List<int>(writes.Count);
        for (int i = 0; i < writes.Count; i++)
        {
            var (what, heard) = writes[i].Entry;
            long fromLast = writes.Count - 1 - i;
            statements.AddRange(writes[i].Statements);
            results.Add(statements.Count - 1);
            statements.Add(new(CacheSql.Note, false, generation, fromLast, heard ? 0 : _follower.Origin, (short)what.Kind, what.Tenant, what.Name));
            if (what.Kind != InvalidationKind.Key)
            {
                statements.Add(new(CacheSql.Mark, false, generation, fromLast, (short)what.Kind, what.Tenant, what.Name));
            }
        }

        var given = await _guard.RunAsync(() => _database.TransactAsync(statements, CancellationToken.None), CancellationToken.None);
        if (given[0] is not long last)
        {
            throw new StoreMovedException();
        }

        for (int i = 0; i < writes.Count; i++)
        {
            writes[i].Position = last - writes.Count + 1 + i;
            writes[i].Answer = writes[i].Statement is null ? null : given[results[i]];
        }

        Written += writes.Count;
        WrittenBytes += writes.Sum(w => w.Bytes);
        Applied(generation, last, writes);
        if (writes.Count < group.Count)
        {
            throw new StoreMovedException();
        }
    }

    // Where others have written in between their lines come first: with the next look, or the one that an invalidation waits for.
    private void Applied(long generation, long last, List<Write> writes)
    {
        long before = last - writes.Count;
        if (before == _follower.Position)
        {
            _follower.Apply(new LogPage
            {
                Started = 0,
                Generation = generation,
                Position = last,
                Lines = [.. writes.Select((w, i) => new LogLine(before + 1 + i, w.Entry.Heard ? 0 : _follower.Origin, w.Entry.What))],
            }, TimeSpan.Zero);
        }
    }

    private SharedEntry Slid(Place place, SharedEntry entry)
    {
        if (entry.Sliding > 0)
        {
            _ = SlideAsync(place, entry);
        }

        return entry;
    }

    private async Task SlideAsync(Place place, SharedEntry entry)
    {
        try
        {
            await _guard.RunAsync(() => _database.ExecuteAsync(CacheSql.Slide, [place.Generation, place.Tenant, place.Key, EntryColumns.EndsAt(entry, Now)], CancellationToken.None), CancellationToken.None);
        }
        catch (StoreAwayException)
        {
            // It ends as if it had not been read.
        }
    }

    private sealed record Write(long Generation, LogEntry Entry, Statement? Statement, Statement? Before)
    {
        public object? Answer { get; set; }

        public long Position { get; set; }

        public long Bytes => Statement?.Parameters.Sum(p => p is byte[] bytes ? bytes.Length : 0) ?? 0;

        public IEnumerable<Statement> Statements => new[] { Before, Statement }.OfType<Statement>();
    }
}
