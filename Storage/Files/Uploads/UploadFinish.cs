using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>
/// Makes a file of an upload whose bytes are all there, and removes what is not needed any more. The file has the upload's id: a process that is killed here leaves an upload that
/// the next request for it, or the keeper, makes a file of. <see cref="UploadFinisher"/> sees to it that only one does at a time.
/// </summary>
public sealed class UploadFinish(StoreContext context, UploadContents contents, FileService files, RecordStore<FileUpload> store)
{
    /// <returns>The upload, done.</returns>
    /// <exception cref="ProblemException">Of kind unreadable: not all of its bytes are there. The upload stays as it is.</exception>
    public async Task<FileUpload> RunAsync(FileUpload upload, CancellationToken cancellationToken = default)
    {
        if (await SizeAsync(upload, cancellationToken) is null)
        {
            await MakeAsync(upload, cancellationToken);
        }

        // Nothing of the upload is removed before its file was seen, whole.
        if (await SizeAsync(upload, cancellationToken) != upload.Length)
        {
            throw new ProblemException(ProblemKind.Unreadable, $"The upload {upload.Id} has {upload.Length:N0} bytes, and its file has not.");
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

    private Task<long?> SizeAsync(FileUpload upload, CancellationToken cancellationToken) =>
        context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.DeletedFilter]).Where(f => f.Id == upload.Id).Select(f => (long?)f.Size).FirstOrDefaultAsync(cancellationToken);

    private async Task MakeAsync(FileUpload upload, CancellationToken cancellationToken)
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

    private async Task<List<(string? Backend, string Name)>> SegmentsAsync(FileUpload upload, CancellationToken cancellationToken)
    {
        var parts = new List<(string? Backend, string Name)>();
        long bytes = 0;
        foreach (var id in upload.PartIds)
        {
            var segments = await context.Set<UploadSegment>().Where(s => s.UploadId == id).OrderBy(s => s.Start).Select(s => new { s.Backend, s.Content, s.Bytes }).ToListAsync(cancellationToken);
            parts.AddRange(segments.Select(s => (s.Backend, s.Content)));
            bytes += segments.Sum(s => s.Bytes);
        }

        return bytes == upload.Length ? parts
            : throw new ProblemException(ProblemKind.Unreadable, $"Of the {upload.Length:N0} bytes of the upload {upload.Id} only {bytes:N0} are there: parts of it are gone.");
    }

    // The rows first: content that no row names is found by the keeper.
    private async Task RemoveSegmentsAsync(Guid id, CancellationToken cancellationToken)
    {
        var parts = await context.Set<UploadSegment>().Where(s => s.UploadId == id).Select(s => new { s.Backend, s.Content }).ToListAsync(cancellationToken);
        await context.Set<UploadSegment>().IgnoreQueryFilters([StoreContext.DeletedFilter]).Where(s => s.UploadId == id).ExecuteDeleteAsync(cancellationToken);
        foreach (var part in parts)
        {
            await contents.In(part.Backend).DeleteAsync(part.Content, overwrite: true, CancellationToken.None);
        }
    }
}
