using System.Data.Common;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Direct;
using CloudStore.Storage.Records.Lists;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records;

/// <summary>
/// What can be done with records of any type, for the context's tenant. Another tenant's records, and deleted ones, are not there. Records given out are not
/// tracked: changing one changes nothing until it goes through <see cref="UpdateAsync"/>.
/// </summary>
public sealed class RecordStore<T>(StoreContext context, Pager pager)
    where T : Record
{
    /// <summary>How often a change without an expected revision is made again when somebody else came first.</summary>
    public const int Retries = 3;

    private static readonly string Noun = ModelConventions.SnakeCase(typeof(T).Name).Replace('_', ' ');

    /// <summary>The records, not tracked, for queries of an area's own.</summary>
    public IQueryable<T> Query => context.Set<T>().AsNoTracking();

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<T> FindAsync(Guid id, CancellationToken cancellationToken = default) =>
        await context.ReadOneAsync<T>(id, cancellationToken) ?? throw Missing(id);

    /// <summary>Stores a new record, once also where the answer of an attempt is lost; its engine-kept properties are set on <paramref name="record"/>.</summary>
    /// <exception cref="ProblemException">Of kind conflict: its key is taken.</exception>
    public async Task<T> CreateAsync(T record, CancellationToken cancellationToken = default)
    {
        context.Stamp(record);
        try
        {
            await context.InsertAsync(record, cancellationToken);
            return record;
        }
        catch (DbException e) when (SaveFailure.IsUniqueViolation(e))
        {
            // It may stand in its own way: an attempt whose answer was lost is made again, alone where it was one of a group.
            if (context.Database.CurrentTransaction is null && await IsStoredAsync(record, cancellationToken))
            {
                return record;
            }

            throw SaveFailure.Taken(context.Model.FindEntityType(typeof(T)), record, e);
        }
    }

    /// <summary>Reads the record, changes it and stores it, unless somebody else has changed it in between.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="expected">The revision the caller has seen. Where null, a lost race is run again on what is stored now, up to <see cref="Retries"/> times.</param>
    /// <param name="change">Made on the stored record; may be called again, on a fresh one. Where it changes nothing, nothing is stored.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">Of kind not-found, stale or conflict, or what <paramref name="change"/> throws.</exception>
    public async Task<T> UpdateAsync(Guid id, long? expected, Action<T> change, CancellationToken cancellationToken = default)
    {
        for (int attempt = 0; ; attempt++)
        {
            var record = await TrackAsync(id, expected, cancellationToken);
            try
            {
                change(record);
                await SaveAsync(record, cancellationToken);
                return record;
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.Stale && expected is null && attempt < Retries)
            {
                // Detached by SaveAsync: the next attempt reads the record afresh.
            }
            finally
            {
                context.Entry(record).State = EntityState.Detached;
            }
        }
    }

    /// <summary>Deletes the record softly: it is gone from queries, and kept with when, who and <paramref name="reason"/>.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public async Task DeleteAsync(Guid id, long? expected, string? reason, CancellationToken cancellationToken = default)
    {
        // A record whose key was destroyed can be deleted too.
        context.LeavesSealed = true;
        try
        {
            await UpdateAsync(
                id,
                expected,
                record =>
                {
                    record.DeleteReason = reason;
                    context.Remove(record);
                },
                cancellationToken);
        }
        finally
        {
            context.LeavesSealed = false;
        }
    }

    /// <summary>Brings a deleted record back; one that is not deleted stays as it is.</summary>
    /// <exception cref="ProblemException">Of kind not-found, or conflict where another record has its key by now.</exception>
    public async Task<T> RestoreAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var record = await context.Set<T>().IgnoreQueryFilters([StoreContext.DeletedFilter]).FirstOrDefaultAsync(r => r.Id == id, cancellationToken) ?? throw Missing(id);
        (record.DeletedAt, record.DeletedBy, record.DeleteReason) = (null, null, null);
        await SaveAsync(record, cancellationToken);
        return record;
    }

    /// <summary>A page of the records that <paramref name="filter"/> leaves.</summary>
    /// <exception cref="ProblemException">The sort, the limit or the cursor is not valid.</exception>
    public Task<Page<T>> ListAsync(Func<IQueryable<T>, IQueryable<T>>? filter, IReadOnlyList<SortKey<T>> keys, PageRequest page, CancellationToken cancellationToken = default) =>
        pager.PageAsync(filter is null ? Query : filter(Query), keys, page, cancellationToken);

    private async Task<T> TrackAsync(Guid id, long? expected, CancellationToken cancellationToken)
    {
        var record = await RecordQueries<T>.For(context).Track(context, id, cancellationToken) ?? throw Missing(id);
        if (expected is null || record.Revision == expected)
        {
            return record;
        }

        context.Entry(record).State = EntityState.Detached;
        throw new ProblemException(ProblemKind.Stale, $"The record is at revision {record.Revision}, not {expected}; read it again and repeat the change.");
    }

    // Not by the id alone, which may have been chosen beforehand: the time is that of this call.
    private Task<bool> IsStoredAsync(T record, CancellationToken cancellationToken)
    {
        var (id, at) = (record.Id, record.CreatedAt);
        return Query.IgnoreQueryFilters([StoreContext.DeletedFilter]).AnyAsync(r => r.Id == id && r.CreatedAt == at, cancellationToken);
    }

    // A record that stayed tracked would be given out again, old, by the next tracking query, and looked through at each save.
    private async Task SaveAsync(T record, CancellationToken cancellationToken)
    {
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        finally
        {
            context.Entry(record).State = EntityState.Detached;
        }
    }

    private static ProblemException Missing(Guid id) => new(ProblemKind.NotFound, $"There is no {Noun} {id}.");
}
