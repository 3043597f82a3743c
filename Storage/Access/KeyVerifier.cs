using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Access;

/// <summary>
/// Says who a key's text belongs to. It runs on every request: a key seen in the last half minute costs a hash and a look into a dictionary, and
/// allocates nothing. Every refusal compares a hash as well, so that time tells nothing about which ids exist.
/// </summary>
public sealed class KeyVerifier(IServiceScopeFactory scopes, KeyUses uses, IOptions<AccessOptions> options, TimeProvider time)
{
    /// <summary>Where the database is away, it is asked again for a key after this time: each attempt holds a request up.</summary>
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(5);

    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];
    private readonly KeyCache _cache = new();

    /// <summary>The caller that <paramref name="text"/> stands for, or why there is none.</summary>
    /// <exception cref="System.Data.Common.DbException">The key is not cached and the database is away.</exception>
    public ValueTask<KeyCheck> CheckAsync(ReadOnlyMemory<char> text, CancellationToken cancellationToken = default)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (!KeyText.TryRead(text.Span, out var id, hash))
        {
            return new ValueTask<KeyCheck>(new KeyCheck(null, KeyRefusal.Malformed));
        }

        long now = time.GetUtcNow().UtcTicks;
        return _cache.Find(id, now) is { } entry
            ? new ValueTask<KeyCheck>(Check(entry, hash, now))
            : new ValueTask<KeyCheck>(LoadAndCheckAsync(id.ToString(), hash.ToArray(), now, cancellationToken));
    }

    /// <summary>The caller that <paramref name="text"/> stands for, or null.</summary>
    public async ValueTask<Caller?> VerifyAsync(string text, CancellationToken cancellationToken = default) =>
        (await CheckAsync(text.AsMemory(), cancellationToken)).Caller;

    /// <summary>True for a key that was found valid lately, so that checking it asks nobody.</summary>
    internal bool IsInUse(ReadOnlySpan<char> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        long now = time.GetUtcNow().UtcTicks;
        return KeyText.TryRead(text, out var id, hash) && _cache.Find(id, now) is { Caller: not null } entry && CryptographicOperations.FixedTimeEquals(entry.SecretHash, hash);
    }

    /// <summary>Forgets a key that was made or revoked, so that this process sees the change at once.</summary>
    internal void Forget(string keyId) => _cache.Drop(keyId);

    /// <summary>Has every key looked up again before it is next trusted; while the database is away, those that were good stay good.</summary>
    internal void Doubt() => _cache.Doubt();

    private KeyCheck Check(KeyCache.Entry entry, ReadOnlySpan<byte> hash, long now)
    {
        bool right = CryptographicOperations.FixedTimeEquals(entry.SecretHash, hash);
        if (entry.Caller is not { } caller || !right)
        {
            return new KeyCheck(null, KeyRefusal.Unknown);
        }

        if (entry.Revoked)
        {
            return new KeyCheck(null, KeyRefusal.Revoked) { Owner = caller };
        }

        if (entry.ExpiresAt <= now)
        {
            return new KeyCheck(null, KeyRefusal.Expired) { Owner = caller };
        }

        if (entry.TakeUse(now, KeyUses.Interval))
        {
            uses.Note(caller.Actor, now);
        }

        return new KeyCheck(caller, KeyRefusal.None);
    }

    private async Task<KeyCheck> LoadAndCheckAsync(string id, byte[] hash, long now, CancellationToken cancellationToken)
    {
        var known = _cache.FindStale(id, now - TimeSpan.FromMinutes(options.Value.AwayMinutes).Ticks);
        if (known?.AskAfter > now)
        {
            return Check(known, hash, now);
        }

        try
        {
            var (generation, epoch) = (_cache.Generation, _cache.Epoch);
            var entry = await LoadAsync(id, now, cancellationToken);
            entry.Epoch = epoch;
            _cache.Add(id, entry, generation);
            return Check(entry, hash, now);
        }
        catch (Exception e) when (known is not null && StoreFailures.IsDatabaseAway(e))
        {
            // It was good when it was last looked up; without this, what can be served without the database could not be.
            known.AskAfter = time.GetUtcNow().UtcTicks + BetweenAttempts.Ticks;
            return Check(known, hash, now);
        }
    }

    private async Task<KeyCache.Entry> LoadAsync(string id, long now, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        // The key is what tells the tenant, so it is the one record that is looked for in all of them.
        var key = await context.Set<AccessKey>().IgnoreQueryFilters([StoreContext.TenantFilter]).AsNoTracking()
            .FirstOrDefaultAsync(k => k.KeyId == id, cancellationToken);
        return key is null
            ? new KeyCache.Entry(null, NoHash, 0, false, now + KeyCache.UnknownFor.Ticks, 0)
            : new KeyCache.Entry(new Caller(key.Tenant, key.KeyId, key.Role), key.SecretHash, key.ExpiresAt?.Ticks ?? long.MaxValue,
                key.RevokedAt is not null, now + KeyCache.KnownFor.Ticks, key.LastUsedAt?.Ticks ?? 0);
    }
}
