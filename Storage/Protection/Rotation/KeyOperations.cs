using System.Text.Json.Nodes;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>What operators do with data keys. Each operation is one transaction that processes notice together; several at once wait for each other.</summary>
public sealed class KeyOperations(IServiceProvider services, KeyRing ring, MasterKeys masters, IHostEnvironment environment, TimeProvider time)
{
    // "cs-ring" in ASCII: any number will do that nobody else of this database locks.
    private const long LockId = 0x63732D72696E67;

    /// <summary>The keys, by owner, person and version.</summary>
    /// <param name="tenant">Whose; null for all tenants'.</param>
    public Task<List<DataKey>> ListAsync(string? tenant, CancellationToken cancellationToken = default) => WithContextAsync(context =>
        Of(context, tenant).AsNoTracking().OrderBy(k => k.Owner).ThenBy(k => k.Subject).ThenBy(k => k.Purpose).ThenBy(k => k.Version).ToListAsync(cancellationToken));

    /// <summary>A tenant's keys, the newest first.</summary>
    /// <param name="subject">Those of one person; null for all.</param>
    /// <param name="before">Those made before this one; null for the newest.</param>
    public Task<List<DataKey>> PageAsync(string tenant, string? subject, Guid? before, int most, CancellationToken cancellationToken = default) => WithContextAsync(context =>
    {
        var keys = Of(context, tenant).AsNoTracking().Where(k => subject == null || k.Subject == subject);
        return (before is { } id ? keys.Where(k => k.Id.CompareTo(id) < 0) : keys).OrderByDescending(k => k.Id).Take(most).ToListAsync(cancellationToken);
    });

    /// <summary>
    /// Makes new keys in place of the active ones, which from now on only decrypt, and notes that the rows are to be re-encrypted. Where that is still going on from the last time, nothing
    /// is made: that rotation is given. A tenant without a key gets its first.
    /// </summary>
    /// <param name="tenant">Whose keys, and their persons'; null for all tenants'.</param>
    /// <param name="encryptClear">Encrypts values in clear as well. Outside Production that happens anyway.</param>
    public Task<KeyRotation> RotateAsync(string? tenant, string actor, bool encryptClear = false, CancellationToken cancellationToken = default) => ChangeAsync(async context =>
    {
        // Another process may have rewrapped since this one looked: nobody does while this goes on.
        ring.Forget();
        var owner = tenant ?? KeyRotation.AllTenants;
        var running = context.Set<KeyRotation>().AsNoTracking().Where(r => r.State == RotationState.Running);
        if (await running.Where(r => r.Owner == owner).FirstOrDefaultAsync(cancellationToken) is { } going)
        {
            return going;
        }

        var active = await Of(context, tenant).Where(k => k.State == KeyState.Active && k.Purpose == KeyPurpose.Fields).ToListAsync(cancellationToken);
        var now = context.Now();
        active.ForEach(k => (k.State, k.UpdatedAt) = (KeyState.DecryptOnly, now));
        await NoteAsync(context, tenant, actor, "rotate", null, active.Count, cancellationToken);
        // The old keys first: only one may be active.
        await context.SaveChangesAsync(cancellationToken);
        context.AddRange(active.Select(k => ring.Make(k.Owner, k.Subject, k.Purpose, k.Version + 1)));
        if (tenant is not null && !active.Exists(k => k.Subject.Length == 0))
        {
            int version = await Of(context, tenant).Where(k => k.Subject == "" && k.Purpose == KeyPurpose.Fields).MaxAsync(k => (int?)k.Version, cancellationToken) ?? 0;
            context.Add(ring.Make(tenant, "", KeyPurpose.Fields, version + 1));
        }

        var rotation = new KeyRotation
        {
            Id = RecordId.Next(time),
            Owner = owner,
            StartedBy = actor,
            EncryptClear = encryptClear || !environment.IsProduction(),
            PassStartedAt = now,
            CreatedAt = now,
        };
        context.Add(rotation);
        await context.SaveChangesAsync(cancellationToken);
        return rotation;
    }, cancellationToken);

    /// <summary>Removes a key's bytes for good. What it encrypted can never be read again.</summary>
    /// <param name="tenant">Whose key it must be; null for anybody's.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="withData">Even where something needs the key: what it encrypted is to be destroyed.</param>
    /// <exception cref="ProblemException">
    /// Of kind not-found; or conflict, where something needs the key, or may yet; a legal hold covers what it encrypts, or may; or it is that of the installation's secrets.
    /// </exception>
    public async Task<DataKey> DestroyAsync(Guid id, string? tenant, string actor, bool withData = false, CancellationToken cancellationToken = default)
    {
        if (!withData)
        {
            // Before the transaction, which others wait for: nothing new comes under a key that has been rotated away by all processes.
            await WithContextAsync(async context => await RefuseNeededAsync(context, id, tenant, cancellationToken));
        }

        var destroyed = await ChangeAsync(async context =>
        {
            var key = await Of(context, tenant).SingleOrDefaultAsync(k => k.Id == id, cancellationToken) ?? throw new ProblemException(ProblemKind.NotFound, $"There is no data key {id}.");
            if (key.Purpose == KeyPurpose.Secrets)
            {
                throw new ProblemException(ProblemKind.Conflict, $"The key {id} encrypts the installation's own secrets, the audit's among them: it cannot be destroyed.");
            }

            if (await LegalHold.MayCoverAsync(context, key.Owner, key.Subject, cancellationToken))
            {
                throw new ProblemException(ProblemKind.Conflict, $"A legal hold may cover what the key {id} encrypts; nothing was destroyed. Release the hold first.");
            }

            await DestroyAsync(context, [key], actor, cancellationToken);
            return key;
        }, cancellationToken);
        await RemoveFormerAsync(cancellationToken);
        return destroyed;
    }

    private async Task<bool> RefuseNeededAsync(StoreContext context, Guid id, string? tenant, CancellationToken cancellationToken)
    {
        if (await Of(context, tenant).AsNoTracking().SingleOrDefaultAsync(k => k.Id == id, cancellationToken) is not { } key || key.State == KeyState.Destroyed || key.Purpose == KeyPurpose.Secrets)
        {
            return false;
        }

        if (key.State == KeyState.Active)
        {
            throw Needed(key, "is in use");
        }

        if (await context.Set<KeyRotation>().AnyAsync(r => r.State == RotationState.Running && r.CreatedAt <= key.UpdatedAt && (r.Owner == key.Owner || r.Owner == KeyRotation.AllTenants), cancellationToken))
        {
            throw Needed(key, "is still being replaced by a rotation");
        }

        var needed = new List<string>();
        foreach (var use in services.GetServices<IKeyUse>())
        {
            needed.AddRange(await use.FindAsync(context, key, cancellationToken));
        }

        return needed.Count == 0 ? false : throw Needed(key, $"is needed by {string.Join(", ", needed)}");
    }

    private static ProblemException Needed(DataKey key, string why) => new(ProblemKind.Conflict,
        $"The key {key.Id} {why}; nothing was destroyed. Rotate the keys and wait until that is done; or destroy what the key encrypted with it (--with-data, ?withData=true).");

    /// <summary>Destroys all keys of a person, for whoever has removed what there was of them: whatever was encrypted for them can never be read again.</summary>
    /// <returns>How many keys there were.</returns>
    /// <exception cref="ProblemException">Of kind conflict: there are rows that a legal hold covers by now; no key was destroyed.</exception>
    public Task<int> DestroySubjectAsync(string tenant, string subject, string actor, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return DestroyAsync(tenant, subject, actor, cancellationToken);
    }

    /// <summary>Destroys all keys of a tenant, for whoever has removed what there was of it: whatever was encrypted for it can never be read again.</summary>
    /// <returns>How many keys there were.</returns>
    /// <exception cref="ProblemException">Of kind conflict: there are rows that a legal hold covers by now; no key was destroyed.</exception>
    public Task<int> DestroyTenantAsync(string tenant, string actor, CancellationToken cancellationToken = default) => DestroyAsync(tenant, null, actor, cancellationToken);

    private async Task<int> DestroyAsync(string tenant, string? subject, string actor, CancellationToken cancellationToken)
    {
        int destroyed = await ChangeAsync(async context =>
        {
            await RefuseHeldAsync(context, tenant, subject, cancellationToken);
            var keys = await Of(context, tenant).Where(k => k.State != KeyState.Destroyed && (subject == null || k.Subject == subject)).ToListAsync(cancellationToken);
            await DestroyAsync(context, keys, actor, cancellationToken);
            return keys.Count;
        }, cancellationToken);
        if (destroyed > 0)
        {
            await RemoveFormerAsync(cancellationToken);
        }

        return destroyed;
    }

    // Whoever erases has looked at the holds, row by row, before anything was removed: one that was placed since has kept its rows, and keeps the keys that these need.
    private static async Task RefuseHeldAsync(StoreContext context, string tenant, string? subject, CancellationToken cancellationToken)
    {
        if (context.Dialect == StoreDialect.Postgres)
        {
            // No hold comes between this look and the end of the keys.
            await context.Database.ExecuteSqlRawAsync("LOCK TABLE legal_holds IN SHARE MODE", cancellationToken);
        }

        foreach (var type in RecordType.All(context.Model).Where(t => subject is null || t.SubjectProperty is not null))
        {
            if (await type.CountHeldAsync(context, tenant, subject, cancellationToken) is > 0 and var held)
            {
                throw new ProblemException(ProblemKind.Conflict,
                    $"{held} rows of {type.Name} came under a legal hold while the erasure went on: they stay, with the keys that they need. What was not held is gone. Release the hold and repeat the erasure.");
            }
        }
    }

    private static async Task DestroyAsync(StoreContext context, List<DataKey> keys, string actor, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            (key.State, key.Wrapped, key.UpdatedAt) = (KeyState.Destroyed, null, key.State == KeyState.Destroyed ? key.UpdatedAt : context.Now());
            await NoteAsync(context, key.Owner, actor, "destroy", key.Id, null, cancellationToken);
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    // The database keeps the rows' former versions until then.
    private Task<bool> RemoveFormerAsync(CancellationToken cancellationToken) => WithContextAsync(async context =>
    {
        await FormerVersions.RemoveAsync(context, "data_keys", cancellationToken);
        return true;
    });

    /// <summary>Wraps all data keys, that of the installation's secrets included, with the present master key instead of the previous one. Rows are not touched: their keys stay the same.</summary>
    /// <returns>Keys that were wrapped anew.</returns>
    /// <exception cref="ProblemException">Of kind unreadable: a key cannot be unwrapped; nothing was changed.</exception>
    public Task<int> RewrapAsync(string actor, CancellationToken cancellationToken = default) => ChangeAsync(async context =>
    {
        var master = masters.Known[0];
        // First, because whoever stores a new key holds this row meanwhile: what is stored by now is seen below, and what comes later is under the new one.
        await context.Set<KeyRingState>().ExecuteUpdateAsync(s => s.SetProperty(r => r.MasterKeyId, master.Id), cancellationToken);
        var keys = await context.Set<DataKey>().Where(k => k.State != KeyState.Destroyed && k.MasterKeyId != master.Id).ToListAsync(cancellationToken);
        keys.ForEach(k => Rewrap(k, master));
        keys.ForEach(k => k.UpdatedAt = context.Now());
        await NoteAsync(context, null, actor, "rewrap", null, keys.Count, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        return keys.Count;
    }, cancellationToken);

    /// <summary>A rotation as it stands.</summary>
    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<KeyRotation> FindRotationAsync(Guid id, string? tenant, CancellationToken cancellationToken = default) => WithContextAsync(async context =>
        await context.Set<KeyRotation>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && (tenant == null || r.Owner == tenant || r.Owner == KeyRotation.AllTenants), cancellationToken)
            ?? throw new ProblemException(ProblemKind.NotFound, $"There is no rotation {id}."));

    private void Rewrap(DataKey key, IMasterKey master)
    {
        Span<byte> bytes = stackalloc byte[LocalMasterKey.KeyBytes];
        try
        {
            var before = masters.Find(key.MasterKeyId) ?? throw new ProblemException(ProblemKind.Unreadable,
                $"The data key {key.Id} is wrapped by the master key {key.MasterKeyId}, which is not here: set Protection:PreviousMasterKey or Protection:PreviousMasterKeyFile to it.");
            before.Unwrap(key.Wrapped!, KeyRing.Context(key), bytes);
            (key.Wrapped, key.MasterKeyId) = (master.Wrap(bytes, KeyRing.Context(key)), master.Id);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new ProblemException(ProblemKind.Unreadable, $"The data key {key.Id} was changed in the database: its master key does not unwrap it.", inner: e);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }

    // In the operation's own transaction: no key changes without a trace, and no trace is left of what did not happen.
    private static Task NoteAsync(StoreContext context, string? tenant, string actor, string operation, Guid? key, int? keys, CancellationToken cancellationToken) =>
        context.Audit is { } audit
            ? AuditStatement.AddAsync(context, audit.Create(context, new AuditNote(AuditAction.Key, "data_keys", key, keys, Details: new JsonObject { ["operation"] = operation }) { Tenant = tenant, Actor = actor }), cancellationToken)
            : Task.CompletedTask;

    private static IQueryable<DataKey> Of(StoreContext context, string? tenant) => context.Set<DataKey>().Where(k => tenant == null || k.Owner == tenant);

    // Without a tenant: the keys are out of reach of a context that works for one.
    private async Task<T> WithContextAsync<T>(Func<StoreContext, Task<T>> work)
    {
        masters.Open();
        await using var scope = services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<StoreContext>());
    }

    private async Task<T> ChangeAsync<T>(Func<StoreContext, Task<T>> change, CancellationToken cancellationToken)
    {
        var result = await WithContextAsync(context => FormerVersions.OverwriteAsync(context, token => context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            context.ChangeTracker.Clear();
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            if (context.Dialect == StoreDialect.Postgres)
            {
                await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockId})", ct);
            }

            var result = await change(context);
            await context.Set<KeyRingState>().ExecuteUpdateAsync(s => s.SetProperty(r => r.Generation, r => r.Generation + 1), ct);
            await transaction.CommitAsync(ct);
            return result;
        }, token), cancellationToken));
        ring.Forget();
        return result;
    }
}
