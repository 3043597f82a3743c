using System.ComponentModel;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Changes;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files;

/// <summary>
/// Files' records by id. What was read lately is kept in this process's memory, as it is stored: names and keys stay encrypted, and each caller's own is decrypted. Whoever changes a record
/// ends what is kept of the tenant's files, as <see cref="RecordChanges"/> has it: no read that begins after a change was answered is older than it, in other processes none that begins later
/// than the cache's bound after it. How often a file was read, which is no change of it, may be behind by <see cref="CacheOptions.AnswerSeconds"/>.
/// </summary>
/// <param name="engine">Null where there is no cache.</param>
/// <param name="changes">Null likewise.</param>
public sealed class FileRecords(RecordStore<StoredFile> store, StoreContext context, IOptions<CacheOptions> options, CacheEngine? engine = null, RecordChanges? changes = null)
{
    // What a row takes, about.
    private const int RowBytes = 1024;

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<StoredFile> FindAsync(Guid id, CancellationToken cancellationToken = default)
    {
        if (engine is null || changes is null || options.Value.AnswerSeconds <= 0 || context.Tenant is not { } tenant || context.Database.CurrentTransaction is not null
            || !await changes.SettleAsync(tenant, StoredFile.Table, many: false))
        {
            return await store.FindAsync(id, cancellationToken);
        }

        // Without a token the cache waits for the run, which works with this very scope's context.
        IStoreCache cache = engine.For(tenant);
        var kept = await cache.GetOrCreateAsync($"{RecordTags.Own}files/{id:n}", (this, id), static (s, _) => s.Item1.ReadSealedAsync(s.id), Options(), CancellationToken.None);
        try
        {
            var file = kept.Copy();
            ProtectedPlan.For(context, typeof(StoredFile))!.Open(context, file);
            return file;
        }
        catch (ProblemException)
        {
            // Its key may have been rotated and destroyed since: what is stored now says.
            return await store.FindAsync(id, cancellationToken);
        }
    }

    /// <summary>Ends what is kept after a change that tells nobody of itself.</summary>
    internal void Changed(string tenant) => changes?.Publish(tenant, StoredFile.Table, addedOnly: false);

    private async ValueTask<KeptFile> ReadSealedAsync(Guid id)
    {
        bool left = context.LeavesSealed;
        context.LeavesSealed = true;
        try
        {
            return KeptFile.Of(await store.FindAsync(id, CancellationToken.None));
        }
        finally
        {
            context.LeavesSealed = left;
        }
    }

    private CacheEntryOptions Options() => new()
    {
        TimeToLive = TimeSpan.FromSeconds(options.Value.AnswerSeconds),
        Layers = CacheLayers.Memory,
        Size = RowBytes,
        Tags = [RecordTags.Changed(StoredFile.Table)],
    };

    /// <summary>Nobody changes it; whoever wants the record gets a copy. Memory keeps the object, so that nothing of it is ever written as text.</summary>
    [ImmutableObject(true)]
    private sealed class KeptFile
    {
        private StoredFile? _stored;

        public static KeptFile Of(StoredFile stored) => new() { _stored = stored };

        public StoredFile Copy() => _stored!.Copy();
    }
}
