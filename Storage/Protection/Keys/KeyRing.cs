using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// The tenants' data keys, unwrapped, in memory alone. The first key of a tenant is made when it is first needed, and exactly one of several processes makes it. A key that
/// another process rotates or destroys is noticed within <see cref="ProtectionOptions.KeyCacheSeconds"/>; while the database is away, the keys that are here go on
/// being used. Safe for any number of threads.
/// </summary>
public sealed partial class KeyRing(MasterKeys masters, KeyDatabase database, IOptions<ProtectionOptions> options, TimeProvider time, ILogger<KeyRing> logger)
{
    private const int Capacity = 20_000;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<(string Tenant, string Subject, KeyPurpose Purpose), OpenKey> _current = new();
    private readonly ConcurrentDictionary<Guid, FoundKey> _byId = new();
    private readonly ConcurrentDictionary<Guid, long> _prefixes = new();
    private readonly long _lifetime = options.Value.KeyCacheSeconds * time.TimestampFrequency;
    private long _freshUntil;
    private long _drops;
    private (string MasterKeyId, long Generation)? _state;

    /// <summary>The key for new values. In a transaction on SQLite a first key becomes part of it, because that database has one writer at a time.</summary>
    /// <param name="subject">A person with keys of their own; empty for the tenant's.</param>
    /// <param name="within">The context that writes.</param>
    /// <exception cref="ProblemException">The key is wrapped by a master key that is not here.</exception>
    internal OpenKey Current(string tenant, string subject = "", KeyPurpose purpose = KeyPurpose.Fields, StoreContext? within = null)
    {
        Refresh();
        return _current.TryGetValue((tenant, subject, purpose), out var key) ? key : LoadCurrent(tenant, subject, purpose, within);
    }

    /// <summary>The key that a token names.</summary>
    internal FoundKey Find(Guid id, StoreContext? within = null)
    {
        Refresh();
        return _byId.TryGetValue(id, out var found) ? found : Load(id, within);
    }

    /// <summary>True where finding a key asks nobody.</summary>
    internal bool IsHere(Guid id) => _byId.ContainsKey(id);

    /// <summary>Forgets everything: the next use reads the database. For whoever has changed keys.</summary>
    internal void Forget()
    {
        lock (_lock)
        {
            Volatile.Write(ref _freshUntil, 0);
            Drop();
        }
    }

    /// <summary>The nonce prefixes drawn since the last call, by key.</summary>
    internal IReadOnlyList<(Guid Key, long Count)> TakePrefixes() => [.. _prefixes.Keys.Select(k => (k, _prefixes.TryRemove(k, out long count) ? count : 0)).Where(p => p.Item2 > 0)];

    /// <summary>Counts prefixes drawn under a key, and those of an earlier call that could not be recorded.</summary>
    internal void CountPrefixes(Guid key, long count) => _prefixes.AddOrUpdate(key, count, (_, before) => before + count);

    /// <summary>A new key for a use, wrapped by the master key that was in force when the ring was last looked at; not stored.</summary>
    internal DataKey Make(string tenant, string subject, KeyPurpose purpose, int version)
    {
        var master = masters.Find(State().MasterKeyId) ?? throw Locked(tenant);
        var now = time.GetUtcNow().UtcDateTime;
        var key = new DataKey
        {
            Id = RecordId.Next(time),
            Owner = tenant,
            Subject = subject,
            Purpose = purpose,
            Version = version,
            MasterKeyId = master.Id,
            CreatedAt = now,
            UpdatedAt = now,
        };
        Span<byte> bytes = stackalloc byte[LocalMasterKey.KeyBytes];
        RandomNumberGenerator.Fill(bytes);
        key.Wrapped = master.Wrap(bytes, Context(key));
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>What binds a wrapped key to its row: <c>"CloudStore data key" | id | purpose | version | tenant | subject</c>, texts with their length before them.</summary>
    internal static byte[] Context(DataKey key)
    {
        var context = new byte["CloudStore data key"u8.Length + 16 + 1 + 4 + 4 + 4 + Encoding.UTF8.GetByteCount(key.Owner) + Encoding.UTF8.GetByteCount(key.Subject)];
        var rest = context.AsSpan();
        "CloudStore data key"u8.CopyTo(rest);
        rest = rest["CloudStore data key"u8.Length..];
        key.Id.TryWriteBytes(rest, bigEndian: true, out _);
        rest[16] = (byte)key.Purpose;
        BinaryPrimitives.WriteInt32BigEndian(rest[17..], key.Version);
        rest = rest[21..];
        foreach (var text in (string[])[key.Owner, key.Subject])
        {
            int length = Encoding.UTF8.GetBytes(text, rest[4..]);
            BinaryPrimitives.WriteInt32BigEndian(rest, length);
            rest = rest[(4 + length)..];
        }

        return context;
    }

    private (string MasterKeyId, long Generation) State()
    {
        Refresh();
        return _state!.Value;
    }

    private void Refresh()
    {
        if (time.GetTimestamp() < Volatile.Read(ref _freshUntil))
        {
            return;
        }

        masters.Open();
        lock (_lock)
        {
            if (time.GetTimestamp() < _freshUntil)
            {
                return;
            }

            try
            {
                using var connection = database.Open();
                var state = new KeyTable(database.Dialect, connection).ReadState();
                if (state != _state)
                {
                    Drop();
                    _state = state;
                }
            }
            catch (DbException e) when (_state is not null)
            {
                NotRefreshed(logger, e);
            }

            Volatile.Write(ref _freshUntil, time.GetTimestamp() + _lifetime);
        }
    }

    private OpenKey LoadCurrent(string tenant, string subject, KeyPurpose purpose, StoreContext? within)
    {
        lock (_lock)
        {
            if (_current.TryGetValue((tenant, subject, purpose), out var known))
            {
                return known;
            }

            using var connection = database.Open();
            var table = new KeyTable(database.Dialect, connection);
            var row = table.FindActive(tenant, subject, purpose);
            if (row is null && InTransaction(within) is { } callers)
            {
                // Not kept: the transaction may be rolled back, and the key with it.
                return Unwrap(FindOrMake(callers, tenant, subject, purpose)).Key ?? throw Locked(tenant);
            }

            return Keep(Unwrap(row ?? FindOrMake(table, tenant, subject, purpose))) ?? throw Locked(tenant);
        }
    }

    private DataKey FindOrMake(KeyTable table, string tenant, string subject, KeyPurpose purpose)
    {
        while (true)
        {
            if (table.FindActive(tenant, subject, purpose) is { } key)
            {
                return key;
            }

            if (!table.Insert(Make(tenant, subject, purpose, table.NextVersion(tenant, subject, purpose))) && table.FindActive(tenant, subject, purpose) is null)
            {
                // The keys were rewrapped since the ring was looked at: this one would have been left under the old master key.
                Forget();
            }
        }
    }

    private FoundKey Load(Guid id, StoreContext? within)
    {
        // Not under the lock: ids come from strangers too, in links, and each unknown one is a query that others would wait for.
        while (true)
        {
            long drops = Volatile.Read(ref _drops);
            var row = Read(id);
            lock (_lock)
            {
                if (_byId.TryGetValue(id, out var known))
                {
                    return known;
                }

                if (drops != _drops)
                {
                    // Keys have changed since: what was read may be what was.
                    continue;
                }

                if (row is not null)
                {
                    var found = Unwrap(row);
                    Keep(found, id);
                    return found;
                }
            }

            return InTransaction(within)?.Find(id) is { } uncommitted ? Unwrap(uncommitted) : KeyAbsence.Unknown;
        }
    }

    private DataKey? Read(Guid id)
    {
        using var connection = database.Open();
        return new KeyTable(database.Dialect, connection).Find(id);
    }

    // Only SQLite: a second connection would wait for the caller's transaction, which waits for it.
    private static KeyTable? InTransaction(StoreContext? context) => context is { Dialect: StoreDialect.Sqlite } && context.Database.CurrentTransaction is { } transaction
        ? new KeyTable(StoreDialect.Sqlite, context.Database.GetDbConnection(), transaction.GetDbTransaction()) : null;

    private FoundKey Unwrap(DataKey row)
    {
        if (row.State == KeyState.Destroyed || row.Wrapped is null)
        {
            return KeyAbsence.Destroyed;
        }

        if (masters.Find(row.MasterKeyId) is not { } master)
        {
            return KeyAbsence.Locked;
        }

        // Pinned: the collector then leaves no copies behind when it moves things.
        var bytes = GC.AllocateUninitializedArray<byte>(LocalMasterKey.KeyBytes, pinned: true);
        try
        {
            master.Unwrap(row.Wrapped, Context(row), bytes);
        }
        catch (CryptographicException)
        {
            return KeyAbsence.Locked;
        }

        return new OpenKey(row.Id, row.Owner, row.Subject, row.Purpose, row.State, bytes, id => CountPrefixes(id, 1));
    }

    private OpenKey? Keep(FoundKey found)
    {
        if (found.Key is { } key)
        {
            // A key that was found by its id is the same object: its nonces go on.
            key = (_byId.TryGetValue(key.Id, out var known) ? known.Key : null) ?? key;
            Keep(key, key.Id);
            _current[(key.Tenant, key.Subject, key.Purpose)] = key;
            return key;
        }

        return null;
    }

    private void Keep(FoundKey found, Guid id)
    {
        if (_byId.Count >= Capacity)
        {
            Drop();
        }

        _byId[id] = found;
    }

    private void Drop()
    {
        _drops++;
        var keys = _byId.Values.Select(f => f.Key).OfType<OpenKey>().ToList();
        _current.Clear();
        _byId.Clear();
        keys.ForEach(k => k.Close());
    }

    private static ProblemException Locked(string tenant) => new(ProblemKind.Unreadable,
        $"The data key of {(tenant.Length == 0 ? "the installation's secrets" : $"the tenant '{tenant}'")} cannot be unwrapped: another master key wrapped it, or it was changed. Check Protection:MasterKey.");

    [LoggerMessage(1, LogLevel.Warning, "The database does not say whether keys have changed; those in memory go on being used.")]
    private static partial void NotRefreshed(ILogger logger, Exception exception);
}
