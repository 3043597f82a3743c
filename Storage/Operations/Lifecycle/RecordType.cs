using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>A record type as far as its life goes.</summary>
internal abstract class RecordType
{
    private protected RecordType(IEntityType entity)
    {
        Name = entity.GetTableName()!;
        AgeProperty = entity.FindAnnotation(LifecycleModel.AgeAnnotation)?.Value as string ?? nameof(Record.CreatedAt);
        SubjectProperty = entity.FindAnnotation(ProtectedModel.SubjectAnnotation)?.Value as string;
        SubjectColumn = SubjectProperty is null ? null : entity.FindProperty(SubjectProperty)!.GetColumnName();
    }

    /// <summary>The table's.</summary>
    public string Name { get; }

    public string AgeProperty { get; }

    public string? SubjectProperty { get; }

    public string? SubjectColumn { get; }

    /// <summary>All record types of the model.</summary>
    public static IReadOnlyList<RecordType> All(IModel model) =>
    [
        .. model.GetEntityTypes().Where(e => e.ClrType.IsAssignableTo(typeof(Record))).OrderBy(e => e.GetTableName(), StringComparer.Ordinal)
            .Select(e => (RecordType)Activator.CreateInstance(typeof(RecordType<>).MakeGenericType(e.ClrType), e)!),
    ];

    /// <summary>The rows that are due and not held, in the order of their ids, as a command that gives their stored columns; <paramref name="most"/> of them.</summary>
    /// <param name="after">Those behind this id: a run looks at each row once, however many it removes.</param>
    public abstract System.Data.Common.DbCommand Due(StoreContext context, DateTime? before, DateTime? deletedBefore, Guid after, int most);

    /// <summary>Whether any of the rows is still there.</summary>
    public abstract Task<bool> IsAnyStoredAsync(StoreContext context, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Removes those of the rows that are not held by now.</summary>
    public abstract Task<int> RemoveAsync(StoreContext context, IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>How many rows of a tenant, or of one person of it, are held.</summary>
    public abstract Task<int> CountHeldAsync(StoreContext context, string tenant, string? subject, CancellationToken cancellationToken);

    /// <summary>How many rows a tenant, or one person of it, has.</summary>
    public abstract Task<int> CountAsync(StoreContext context, string tenant, string? subject, CancellationToken cancellationToken);

    /// <summary>The records of one person, deleted ones as well, in the order of their ids.</summary>
    public abstract IAsyncEnumerable<Record> ReadAsync(StoreContext context, string tenant, string subject, CancellationToken cancellationToken);

    /// <summary>Removes rows of some persons that are older than that and not held.</summary>
    public abstract Task<int> RemoveOlderAsync(StoreContext context, string tenant, IReadOnlyList<string> persons, DateTime before, CancellationToken cancellationToken);

    /// <summary>Removes all rows of a tenant, or of one person of it, that are not held.</summary>
    public abstract Task<int> EraseAsync(StoreContext context, string tenant, string? subject, CancellationToken cancellationToken);
}

/// <inheritdoc/>
internal sealed class RecordType<T>(IEntityType entity) : RecordType(entity)
    where T : Record
{
    public override System.Data.Common.DbCommand Due(StoreContext context, DateTime? before, DateTime? deletedBefore, Guid after, int most) =>
        NotHeld(context, Rows(context).Where(r => r.Id > after).Where(IsDue(before, deletedBefore))).OrderBy(r => r.Id).Take(most).AsNoTracking().CreateDbCommand();

    public override Task<bool> IsAnyStoredAsync(StoreContext context, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        Rows(context).AnyAsync(r => ids.Contains(r.Id), cancellationToken);

    public override Task<int> RemoveAsync(StoreContext context, IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        RemoveAsync(context, ids, r => true, cancellationToken);

    /// <summary>Removes those of the rows that are not held by now, and of which something is still true.</summary>
    public Task<int> RemoveAsync(StoreContext context, IReadOnlyList<Guid> ids, Expression<Func<T, bool>> where, CancellationToken cancellationToken) =>
        NotHeld(context, Rows(context).Where(r => ids.Contains(r.Id)).Where(where)).ExecuteDeleteAsync(cancellationToken);

    public override Task<int> CountHeldAsync(StoreContext context, string tenant, string? subject, CancellationToken cancellationToken) =>
        Held(context, Of(context, tenant, subject)).CountAsync(cancellationToken);

    public override Task<int> EraseAsync(StoreContext context, string tenant, string? subject, CancellationToken cancellationToken) =>
        NotHeld(context, Of(context, tenant, subject)).ExecuteDeleteAsync(cancellationToken);

    public override Task<int> CountAsync(StoreContext context, string tenant, string? subject, CancellationToken cancellationToken) => Of(context, tenant, subject).CountAsync(cancellationToken);

    public override async IAsyncEnumerable<Record> ReadAsync(StoreContext context, string tenant, string subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int Page = 200;
        var after = Guid.Empty;
        while (true)
        {
            var last = after;
            var page = await Of(context, tenant, subject).Where(r => r.Id > last).OrderBy(r => r.Id).Take(Page).AsNoTracking().ToListAsync(cancellationToken);
            foreach (var record in page)
            {
                yield return record;
            }

            if (page.Count < Page)
            {
                yield break;
            }

            after = page[^1].Id;
        }
    }

    public override Task<int> RemoveOlderAsync(StoreContext context, string tenant, IReadOnlyList<string> persons, DateTime before, CancellationToken cancellationToken) =>
        NotHeld(context, Of(context, tenant, null).Where(r => persons.Contains(EF.Property<string?>(r, SubjectProperty!))).Where(IsDue(before, null))).ExecuteDeleteAsync(cancellationToken);

    private static IQueryable<T> Rows(StoreContext context) => context.Set<T>().IgnoreQueryFilters();

    private IQueryable<T> Of(StoreContext context, string tenant, string? subject)
    {
        var rows = Rows(context).Where(r => r.Tenant == tenant);
        return subject is null ? rows : rows.Where(r => EF.Property<string?>(r, SubjectProperty!) == subject);
    }

    private Expression<Func<T, bool>> IsDue(DateTime? before, DateTime? deletedBefore)
    {
        var row = Expression.Parameter(typeof(T));
        Expression<Func<DateTime?>> limit = () => before, deletedLimit = () => deletedBefore;
        var age = Expression.Convert(Expression.Property(row, AgeProperty), typeof(DateTime?));
        var tooOld = Expression.LessThan(age, limit.Body);
        var tooLongDeleted = Expression.LessThan(Expression.Property(row, nameof(Record.DeletedAt)), deletedLimit.Body);
        return Expression.Lambda<Func<T, bool>>((before, deletedBefore) switch
        {
            (not null, not null) => Expression.OrElse(tooOld, tooLongDeleted),
            (not null, null) => tooOld,
            (null, not null) => tooLongDeleted,
            _ => Expression.Constant(false),
        }, row);
    }

    private IQueryable<T> NotHeld(StoreContext context, IQueryable<T> rows)
    {
        var (holds, subject) = (Holds(context), SubjectProperty);
        return subject is null
            ? rows.Where(r => !holds.Any(h => h.Tenant == r.Tenant && h.Subject == null && (h.RecordId == null || h.RecordId == r.Id)))
            : rows.Where(r => !holds.Any(h => h.Tenant == r.Tenant && (h.Subject == null || h.Subject == EF.Property<string?>(r, subject)) && (h.RecordId == null || h.RecordId == r.Id)));
    }

    private IQueryable<T> Held(StoreContext context, IQueryable<T> rows)
    {
        var (holds, subject) = (Holds(context), SubjectProperty);
        return subject is null
            ? rows.Where(r => holds.Any(h => h.Tenant == r.Tenant && h.Subject == null && (h.RecordId == null || h.RecordId == r.Id)))
            : rows.Where(r => holds.Any(h => h.Tenant == r.Tenant && (h.Subject == null || h.Subject == EF.Property<string?>(r, subject)) && (h.RecordId == null || h.RecordId == r.Id)));
    }

    private IQueryable<LegalHold> Holds(StoreContext context)
    {
        var (name, now) = (Name, context.Now());
        return context.Set<LegalHold>().IgnoreQueryFilters().Where(h => h.DeletedAt == null && (h.Until == null || h.Until > now) && (h.RecordType == null || h.RecordType == name));
    }
}
