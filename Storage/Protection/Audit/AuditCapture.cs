using System.Text.Json.Nodes;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Makes the events of what a context writes, on each of its three ways: saving tracked records, adding one directly, and bulk. A context that no scope was given
/// (design time) writes none.
/// </summary>
internal static class AuditCapture
{
    /// <summary>The events of what is about to be saved, added to the save itself. Records are stamped already.</summary>
    public static List<AuditEvent> Add(StoreContext context, DateTime now)
    {
        var events = new List<AuditEvent>();
        if (context.Audit is not { } audit)
        {
            return events;
        }

        foreach (var entry in context.ChangeTracker.Entries<Record>())
        {
            if (entry.State is EntityState.Added or EntityState.Modified && entry.Metadata.IsAudited())
            {
                events.Add(audit.Create(context, Note(context, entry), now));
            }
        }

        context.AddRange(events);
        return events;
    }

    /// <summary>Lets go of the events of a save that is over.</summary>
    public static void Forget(StoreContext context, List<AuditEvent> events)
    {
        foreach (var e in events)
        {
            context.Entry(e).State = EntityState.Detached;
        }
    }

    /// <summary>The event of a record that is added directly; null where its type is not audited.</summary>
    public static AuditEvent? OfInsert<T>(StoreContext context, T record)
        where T : Record
    {
        if (context.Audit is not { } audit || context.Model.FindEntityType(typeof(T)) is not { } type || !type.IsAudited())
        {
            return null;
        }

        var table = BulkPlan<T>.For(context).Table;
        var note = type.AuditedAs() is { } action
            ? new AuditNote(action, table, record.Id, After: RecordHasher<T>.For(context).Hash(record), Details: Operation(AuditAction.Create))
            : new AuditNote(AuditAction.Create, table, record.Id, After: RecordHasher<T>.For(context).Hash(record));
        return audit.Create(context, note, record.CreatedAt);
    }

    /// <summary>What hashes a batch's rows as they are stored; null where the type is not audited.</summary>
    public static RecordHasher<T>? Hasher<T>(StoreContext context)
        where T : Record =>
        context.Audit is not null && context.Model.FindEntityType(typeof(T))!.IsAudited() ? RecordHasher<T>.For(context) : null;

    /// <summary>Adds the one event of a batch, in the transaction that has written it. A batch that changed nothing has none.</summary>
    public static Task AddAsync<T>(StoreContext context, BulkPlan<T> table, BulkBatch<T> batch, byte[] hash, BulkResult result, CancellationToken cancellationToken)
        where T : Record
    {
        if (context.Audit is not { } audit || result.Inserted + result.Updated == 0)
        {
            return Task.CompletedTask;
        }

        var action = result.Updated == 0 ? AuditAction.Create : result.Inserted == 0 ? AuditAction.Update : AuditAction.Upsert;
        var details = new JsonObject { ["rows"] = batch.Count, ["inserted"] = result.Inserted, ["updated"] = result.Updated, ["skipped"] = result.Skipped, ["rejected"] = result.Rejected.Count };
        var note = new AuditNote(action, table.Table, Items: result.Inserted + result.Updated, After: hash, Details: details);
        return AuditStatement.AddAsync(context, audit.Create(context, note), cancellationToken);
    }

    private static AuditNote Note(StoreContext context, EntityEntry<Record> entry)
    {
        var hasher = RecordHasher.For(context, entry.Metadata);
        bool isNew = entry.State == EntityState.Added;
        var before = isNew ? null : hasher.Hash((Record)entry.OriginalValues.ToObject());
        var done = isNew ? AuditAction.Create : Changed(entry);
        var note = new AuditNote(done, entry.Metadata.GetTableName(), entry.Entity.Id, Before: before, After: hasher.Hash(entry.Entity));
        return entry.Metadata.AuditedAs() is { } action ? note with { Action = action, Details = Operation(done) } : note;
    }

    private static AuditAction Changed(EntityEntry<Record> entry)
    {
        var deletedAt = entry.Property(nameof(Record.DeletedAt));
        return (deletedAt.OriginalValue, deletedAt.CurrentValue) switch
        {
            (null, not null) => AuditAction.Delete,
            (not null, null) => AuditAction.Restore,
            _ => AuditAction.Update,
        };
    }

    private static JsonObject Operation(AuditAction done) => new() { ["operation"] = done.Word() };
}
