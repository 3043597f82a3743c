using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Which events are wanted; what is null does not matter.</summary>
/// <param name="Actor">Exactly this access key or part of the product.</param>
/// <param name="RecordId">Of this record.</param>
/// <param name="RecordType">Of records in this table.</param>
/// <param name="Action">Exactly this.</param>
/// <param name="From">UTC, inclusive.</param>
/// <param name="Before">UTC, exclusive.</param>
public sealed record AuditFilter(string? Actor, Guid? RecordId, string? RecordType, AuditAction? Action, DateTime? From, DateTime? Before);

/// <summary>The events of the context's tenant.</summary>
public sealed class AuditHistory(StoreContext context, CursorKeyring cursors, AuditProofs proofs, IServiceProvider services)
{
    private const string SortName = "sequence";

    // Not tracked and of one tenant, on SQLite too, where no row security repeats it.
    private IQueryable<AuditEvent> Own => context.Set<AuditEvent>().AsNoTracking().Where(e => e.Tenant == context.Tenant);

    /// <summary>A page of events, the newest first.</summary>
    /// <exception cref="ProblemException">The sort, the limit or the cursor is not valid.</exception>
    public async Task<Page<AuditEvent>> ListAsync(AuditFilter filter, PageRequest request, CancellationToken cancellationToken = default)
    {
        int limit = Pager.Limit(request.Limit);
        bool descending = Descending(request.Sort);
        var scope = $"{context.Tenant}\naudit\n{filter}\n{descending}";
        var query = Filtered(filter);
        long? count = request.Count ? await query.LongCountAsync(cancellationToken) : null;
        if (!string.IsNullOrEmpty(request.Cursor))
        {
            long last = long.Parse(cursors.Codec.Decode(scope, request.Cursor).SortValue!, CultureInfo.InvariantCulture);
            query = descending ? query.Where(e => e.Sequence < last) : query.Where(e => e.Sequence > last);
        }

        var items = await (descending ? query.OrderByDescending(e => e.Sequence) : query.OrderBy(e => e.Sequence)).Take(limit + 1).ToListAsync(cancellationToken);
        string? next = null;
        if (items.Count > limit)
        {
            items.RemoveAt(limit);
            next = cursors.Codec.Encode(scope, items[^1].Id, items[^1].Sequence.ToString(CultureInfo.InvariantCulture));
        }

        return new Page<AuditEvent>(items, next, count);
    }

    /// <summary>The newest checkpoint of the log, which is the installation's: it holds the events of all tenants.</summary>
    /// <exception cref="ProblemException">Of kind not-found: nothing was logged yet.</exception>
    public async Task<string> CheckpointAsync(CancellationToken cancellationToken = default)
    {
        await using var scope = services.CreateAsyncScope();
        return await AuditProofs.CheckpointAsync(scope.ServiceProvider.GetRequiredService<StoreContext>(), cancellationToken);
    }

    /// <summary>A proof that an event of the tenant is in the log.</summary>
    /// <exception cref="ProblemException">Of kind not-found, or unavailable where the log's files are not here.</exception>
    public async Task<TlogProof> ProveAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var row = await Own.SingleOrDefaultAsync(e => e.Id == id, cancellationToken) ?? Archived(id) ?? throw new ProblemException(ProblemKind.NotFound, $"There is no audit event {id}.");
        return proofs.Prove(row.Id, row.Sequence);
    }

    private AuditEvent? Archived(Guid id) => proofs.FindArchived(id) is { } e && e.Tenant == context.Tenant ? e : null;

    private IQueryable<AuditEvent> Filtered(AuditFilter filter)
    {
        var query = Own;
        query = filter.Actor is { } actor ? query.Where(e => e.Actor == actor) : query;
        query = filter.RecordId is { } record ? query.Where(e => e.RecordId == record) : query;
        query = filter.RecordType is { } type ? query.Where(e => e.RecordType == type) : query;
        query = filter.Action is { } action ? query.Where(e => e.Action == action) : query;
        query = filter.From is { } from ? query.Where(e => e.At >= from) : query;
        return filter.Before is { } before ? query.Where(e => e.At < before) : query;
    }

    private static bool Descending(string? sort) => sort switch
    {
        null or "" or "-" + SortName => true,
        SortName => false,
        _ => throw ProblemException.ForField(ProblemKind.Invalid, "sort", "known-field", $"'{sort}' cannot be sorted by; use {SortName}, with a leading '-' for descending order."),
    };
}
