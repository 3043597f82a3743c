using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// The part of an erasure that has contents: files and the parts of uploads. Batch by batch, rows go first and with them the contents' keys; the contents follow, and where the erasure keeps a
/// journal, one that was killed in between finds them there.
/// </summary>
internal sealed class FileErasure(StoreContext context, FileRemoval removal, StagedContents staged)
{
    private const int Batch = 200;

    /// <summary>Runs a step in a transaction that audits and notes it.</summary>
    internal delegate Task<(int Rows, int Archived)> Step(string table, Func<CancellationToken, Task<Removed>> remove, CancellationToken cancellationToken);

    public async Task RunAsync(ErasureOrder order, Step step, Dictionary<string, int> rows, CancellationToken cancellationToken)
    {
        if (order.Journal is { } journal)
        {
            await RemoveContentsAsync(order, await journal.PendingAsync(cancellationToken), cancellationToken);
        }

        await EachBatchAsync(order, step, "file_upload_segments", rows, SegmentsAsync, cancellationToken);
        await EachBatchAsync(order, step, StoredFile.Table, rows, FilesAsync, cancellationToken);
    }

    private async Task EachBatchAsync(ErasureOrder order, Step step, string table, Dictionary<string, int> rows, Func<ErasureOrder, Guid, CancellationToken, Task<List<(Guid Id, ErasedContent Content)>>> next,
        CancellationToken cancellationToken)
    {
        var type = RecordType.All(context.Model).Single(t => t.Name == table);
        var after = Guid.Empty;
        while (await next(order, after, cancellationToken) is { Count: > 0 } batch)
        {
            IReadOnlyList<ErasedContent> gone = [];
            var (removed, _) = await step(table, async ct =>
            {
                var ids = batch.ConvertAll(b => b.Id);
                int count = await type.RemoveAsync(context, ids, ct);
                gone = await GoneAsync(table, batch, ids, ct);
                return new Removed(count, gone);
            }, cancellationToken);
            if (removed > 0)
            {
                rows[table] = rows.GetValueOrDefault(table) + removed;
            }

            await RemoveContentsAsync(order, gone, cancellationToken);
            after = batch[^1].Id;
        }
    }

    private Task<List<(Guid, ErasedContent)>> SegmentsAsync(ErasureOrder order, Guid after, CancellationToken cancellationToken) => PairAsync(
        context.Set<UploadSegment>().IgnoreQueryFilters().Where(s => s.Tenant == order.Tenant && (order.Subject == null || s.Owner == order.Subject) && s.Id > after).OrderBy(s => s.Id).Take(Batch)
            .Select(s => new Row(s.Id, s.Backend, s.Content, 0)), cancellationToken);

    private Task<List<(Guid, ErasedContent)>> FilesAsync(ErasureOrder order, Guid after, CancellationToken cancellationToken) => PairAsync(
        context.Set<StoredFile>().IgnoreQueryFilters().Where(f => f.Tenant == order.Tenant && (order.Subject == null || f.Owner == order.Subject) && f.Id > after).OrderBy(f => f.Id).Take(Batch)
            .Select(f => new Row(f.Id, f.Backend, f.Content, f.Size)), cancellationToken);

    private static async Task<List<(Guid, ErasedContent)>> PairAsync(IQueryable<Row> rows, CancellationToken cancellationToken) =>
        [.. (await rows.ToListAsync(cancellationToken)).Select(r => (r.Id, new ErasedContent(r.Backend, r.Content, r.Bytes)))];

    // What a hold keeps is still there, and so are the rights to it.
    private async Task<IReadOnlyList<ErasedContent>> GoneAsync(string table, List<(Guid Id, ErasedContent Content)> batch, List<Guid> ids, CancellationToken cancellationToken)
    {
        if (table != StoredFile.Table)
        {
            var segments = await context.Set<UploadSegment>().IgnoreQueryFilters().Where(s => ids.Contains(s.Id)).Select(s => s.Id).ToListAsync(cancellationToken);
            return [.. batch.Where(b => !segments.Contains(b.Id)).Select(b => b.Content)];
        }

        var there = await context.Set<StoredFile>().IgnoreQueryFilters().Where(f => ids.Contains(f.Id)).Select(f => f.Id).ToListAsync(cancellationToken);
        await context.Set<FileGrant>().IgnoreQueryFilters().Where(g => ids.Contains(g.FileId) && !there.Contains(g.FileId)).ExecuteDeleteAsync(cancellationToken);
        return [.. batch.Where(b => !there.Contains(b.Id)).Select(b => b.Content)];
    }

    private async Task RemoveContentsAsync(ErasureOrder order, IReadOnlyList<ErasedContent> gone, CancellationToken cancellationToken)
    {
        int unreached = 0;
        foreach (var content in gone)
        {
            if (content.Backend is null)
            {
                await staged.DeleteAsync(content.Name, overwrite: true, cancellationToken);
            }
            else if (!await removal.TryRemoveContentAsync(content.Backend, content.Name, lenient: order.Journal is null, cancellationToken))
            {
                unreached++;
            }
        }

        if (gone.Count > 0 && order.Journal is { } journal)
        {
            await journal.SettleAsync(unreached, cancellationToken);
        }
    }

    private sealed record Row(Guid Id, string? Backend, string Content, long Bytes);
}
