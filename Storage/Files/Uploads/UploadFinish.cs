using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>
/// Makes a file of an upload whose bytes are all there, and removes what is not needed any more. The file has the upload's id: a process that is killed here leaves an upload that
/// the next request for it, or the keeper, makes a file of.
/// </summary>
public sealed class UploadFinish(StoreContext context, StagedContents contents, FileService files, RecordStore<FileUpload> store)
{
    /// <returns>The upload, done.</returns>
    public async Task<FileUpload> RunAsync(FileUpload upload, CancellationToken cancellationToken = default)
    {
        bool there = await context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.DeletedFilter]).AnyAsync(f => f.Id == upload.Id, cancellationToken);
        if (!there)
        {
            var draft = UploadMetadata.Read(upload.Metadata);
            var segments = await SegmentsAsync(upload, cancellationToken);
            await using var content = new SegmentStream(contents, segments);
            try
            {
                await files.CreateAsync(draft with { Owner = draft.Owner ?? upload.Owner }, content, upload.Length, upload.Id, cancellationToken);
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.Conflict)
            {
                // Another request for it was faster.
            }
        }

        await context.Set<FileUpload>().Where(u => u.Id == upload.Id).ExecuteUpdateAsync(s => s.SetProperty(u => u.IsDone, true), cancellationToken);
        await RemoveSegmentsAsync(upload.Id, cancellationToken);
        return await store.FindAsync(upload.Id, cancellationToken);
    }

    /// <summary>Removes an upload with what has arrived of it.</summary>
    public async Task RemoveAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await RemoveSegmentsAsync(id, cancellationToken);
        await context.Set<FileUpload>().IgnoreQueryFilters([StoreContext.DeletedFilter]).Where(u => u.Id == id).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task<List<string>> SegmentsAsync(FileUpload upload, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        foreach (var id in upload.Parts?.Split(' ').Select(Guid.Parse) ?? [upload.Id])
        {
            names.AddRange(await context.Set<UploadSegment>().Where(s => s.UploadId == id).OrderBy(s => s.Start).Select(s => s.Content).ToListAsync(cancellationToken));
        }

        return names;
    }

    // The rows first: content that no row names is found by the keeper.
    private async Task RemoveSegmentsAsync(Guid id, CancellationToken cancellationToken)
    {
        var names = await context.Set<UploadSegment>().Where(s => s.UploadId == id).Select(s => s.Content).ToListAsync(cancellationToken);
        await context.Set<UploadSegment>().IgnoreQueryFilters([StoreContext.DeletedFilter]).Where(s => s.UploadId == id).ExecuteDeleteAsync(cancellationToken);
        foreach (var name in names)
        {
            await contents.DeleteAsync(name, CancellationToken.None);
        }
    }
}
