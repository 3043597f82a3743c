using CloudStore.Storage.Cache.Changes;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records.Direct;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace CloudStore.Storage.Records;

/// <summary>
/// The records of all areas. A context works for one tenant at a time (<see cref="Use"/>): its queries see that tenant's records only, and not the
/// deleted ones, and what it saves belongs to that tenant. Saving stamps id, times and revision, turns deletes into soft deletes, and refuses a
/// change to a record that someone else has changed since it was read.
/// </summary>
public abstract class StoreContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>Name of the query filter that hides other tenants' records.</summary>
    public const string TenantFilter = "tenant";

    /// <summary>Name of the query filter that hides deleted records.</summary>
    public const string DeletedFilter = "deleted";

    /// <summary>The tenant in use; null means that queries find nothing and nothing can be saved.</summary>
    public string? Tenant { get; private set; }

    /// <summary>Who makes the changes: an access key's id, or a part of the product.</summary>
    public string Actor { get; private set; } = "system";

    public abstract StoreDialect Dialect { get; }

    internal TimeProvider Time { get; private set; } = TimeProvider.System;

    /// <summary>Encrypts and decrypts fields; set by whoever makes the context.</summary>
    internal FieldCipher? Fields { get; set; }

    /// <summary>True while records are read and saved without their encrypted fields, for what must work although a key is gone.</summary>
    internal bool LeavesSealed { get; set; }

    /// <summary>Lets records that are added at the same time share a transaction; set by whoever takes the context for a scope. Null: each has its own.</summary>
    internal InsertGroups? Inserts { get; set; }

    /// <summary>Hears what this context writes, for the cache; set by whoever takes the context for a scope.</summary>
    internal PendingChanges? Changes { get; set; }

    /// <summary>Makes the events of what this context writes; set by whoever takes the context for a scope.</summary>
    internal AuditScope? Audit { get; set; }

    /// <summary>Sets whom the context works for. Contexts are pooled, so whoever takes one calls this first.</summary>
    /// <exception cref="InvalidOperationException">Another tenant's work is going on: an open connection is bound to its tenant.</exception>
    public void Use(string? tenant, string actor, TimeProvider time)
    {
        if (tenant != Tenant && Database.GetDbConnection().State == System.Data.ConnectionState.Open)
        {
            throw new InvalidOperationException("The tenant of a context can change only while its connection is closed.");
        }

        Tenant = tenant;
        Actor = actor;
        Time = time;
        LeavesSealed = false;
    }

    internal FieldCipher RequireFields() => Fields ?? throw new InvalidOperationException("The context was made without protection; take it from the services.");

    /// <summary>Sets a record's encrypted properties from what was read of it.</summary>
    internal void Open(Record record)
    {
        if (!LeavesSealed)
        {
            ProtectedPlan.For(this, record.GetType())?.Open(this, record);
        }
    }

    /// <summary>The present instant, UTC, cut to the microseconds that databases keep: what a caller is told is what is read back.</summary>
    public DateTime Now()
    {
        var now = Time.GetUtcNow().UtcDateTime;
        return new DateTime(now.Ticks - now.Ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);
    }

    /// <inheritdoc/>
    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        var events = AuditCapture.Add(this, Stamp());
        try
        {
            return base.SaveChanges(acceptAllChangesOnSuccess) - events.Count;
        }
        catch (DbUpdateException e) when (SaveFailure.Explain(e, this) is { } problem)
        {
            throw problem;
        }
        finally
        {
            AuditCapture.Forget(this, events);
            PublishChanges();
        }
    }

    /// <inheritdoc/>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        var events = AuditCapture.Add(this, Stamp());
        try
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken) - events.Count;
        }
        catch (DbUpdateException e) when (SaveFailure.Explain(e, this) is { } problem)
        {
            throw problem;
        }
        finally
        {
            AuditCapture.Forget(this, events);
            PublishChanges();
        }
    }

    /// <summary>
    /// Invalidates what is cached of the records that were written, unless a transaction goes on: then its commit does. To be called whether the write succeeded or failed, as a
    /// write whose answer was lost may have been carried out.
    /// </summary>
    internal void PublishChanges()
    {
        if (Database.CurrentTransaction is null)
        {
            Changes?.Publish();
        }
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var parts = typeof(StoreContext).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IRecordModel)))
            .OrderBy(t => t.FullName, StringComparer.Ordinal);
        foreach (var part in parts)
        {
            ((IRecordModel)Activator.CreateInstance(part)!).Configure(modelBuilder, Dialect);
        }

        var configure = typeof(StoreContext).GetMethod(nameof(ConfigureRecord), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!;
        foreach (var type in modelBuilder.Model.GetEntityTypes().Select(e => e.ClrType).Where(t => t.IsAssignableTo(typeof(Record))).ToList())
        {
            configure.MakeGenericMethod(type).Invoke(this, [modelBuilder]);
        }

        DateBucket.Map(modelBuilder, Dialect);
        ModelConventions.Apply(modelBuilder, Dialect);
    }

    private void ConfigureRecord<T>(ModelBuilder model)
        where T : Record
    {
        var entity = model.Entity<T>();
        entity.HasKey(r => r.Id);
        entity.Property(r => r.Id).ValueGeneratedNever();
        entity.Property(r => r.Tenant).IsRequired();
        entity.Property(r => r.Revision).IsConcurrencyToken();
        entity.HasQueryFilter(TenantFilter, r => r.Tenant == Tenant);
        entity.HasQueryFilter(DeletedFilter, r => r.DeletedAt == null);
    }

    /// <summary>Sets what the engine keeps of a new record.</summary>
    internal void Stamp(Record record) => Stamp(record, Now());

    private void Stamp(Record record, DateTime now)
    {
        record.Tenant = Tenant ?? throw new InvalidOperationException("A record can be saved only for a tenant: call Use first.");
        record.Id = record.Id == Guid.Empty ? RecordId.Next(Time) : record.Id;
        record.CreatedAt = record.UpdatedAt = now;
        record.Revision = 1;
        ProtectedPlan.For(this, record.GetType())?.Seal(this, record);
    }

    private DateTime Stamp()
    {
        var now = Now();
        foreach (var entry in ChangeTracker.Entries<Record>())
        {
            SealChanged(entry);
            Stamp(entry, now);
        }

        return now;
    }

    // Entity Framework sees the token alone: a value that was changed makes it another one.
    private void SealChanged(EntityEntry<Record> entry)
    {
        if (!LeavesSealed && entry.State is EntityState.Modified or EntityState.Unchanged && ProtectedPlan.For(this, entry.Entity.GetType()) is { } plan)
        {
            plan.SealChanged(this, entry.Entity);
            entry.DetectChanges();
        }
    }

    private void Stamp(EntityEntry<Record> entry, DateTime now)
    {
        var record = entry.Entity;
        switch (entry.State)
        {
            case EntityState.Added:
                Stamp(record, now);
                Changes?.Add(record.Tenant, entry.Metadata.GetTableName()!, addedOnly: true);
                break;
            case EntityState.Modified:
                Changes?.Add(record.Tenant, entry.Metadata.GetTableName()!, addedOnly: false);
                record.UpdatedAt = now;
                record.Revision = entry.OriginalValues.GetValue<long>(nameof(Record.Revision)) + 1;
                break;
            case EntityState.Deleted:
                entry.State = EntityState.Modified;
                Changes?.Add(record.Tenant, entry.Metadata.GetTableName()!, addedOnly: false);
                record.DeletedAt = record.UpdatedAt = now;
                record.DeletedBy = Actor;
                record.Revision = entry.OriginalValues.GetValue<long>(nameof(Record.Revision)) + 1;
                break;
            default:
                break;
        }
    }
}
