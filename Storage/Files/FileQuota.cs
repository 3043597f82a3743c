using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files;

/// <summary>
/// How much a tenant and its users may store. Files that were deleted count until their content is gone, and what has arrived of uploads that go on counts as well. Uploads that run beside each other are each measured against what was stored when they
/// began: together they may go over by what the others bring.
/// </summary>
public sealed class FileQuota(StoreContext context, IOptions<FilesOptions> options)
{
    /// <summary>Bytes that are left for an owner.</summary>
    /// <param name="upload">One that becomes the file they are for: what has arrived of it, or of the parts it is put together of, does not count twice.</param>
    public async Task<long> LeftAsync(string owner, Guid? upload = null, CancellationToken cancellationToken = default)
    {
        if (options.Value is { TenantQuotaBytes: null, OwnerQuotaBytes: null })
        {
            return long.MaxValue;
        }

        long left = long.MaxValue;
        var arriving = await ArrivingAsync(upload, cancellationToken);
        if (options.Value.TenantQuotaBytes is { } ofTenant)
        {
            left = Math.Max(0, ofTenant - await Files.SumAsync(f => f.Size, cancellationToken) - await arriving.SumAsync(u => u.Offset, cancellationToken));
        }

        return options.Value.OwnerQuotaBytes is not { } ofOwner ? left : Math.Min(left, Math.Max(0,
            ofOwner - await Files.Where(f => f.Owner == owner).SumAsync(f => f.Size, cancellationToken) - await arriving.Where(u => u.Owner == owner).SumAsync(u => u.Offset, cancellationToken)));
    }

    /// <summary>Why a content of that length is refused.</summary>
    public async Task<ProblemException> RefusalAsync(string owner, long length, CancellationToken cancellationToken = default)
    {
        if (length > options.Value.MaxBytes)
        {
            return new ProblemException(ProblemKind.TooLarge, $"A file may have {options.Value.MaxBytes:N0} bytes (Files:MaxBytes); this one has more.");
        }

        long left = await LeftAsync(owner, cancellationToken: cancellationToken);
        return new ProblemException(ProblemKind.InsufficientStorage, $"The quota of the tenant or of the owner '{owner}' is used up but for {left:N0} bytes (Files:TenantQuotaBytes, Files:OwnerQuotaBytes).");
    }

    // One that is put together of others has no bytes of its own.
    private async Task<IQueryable<FileUpload>> ArrivingAsync(Guid? upload, CancellationToken cancellationToken)
    {
        var arriving = context.Set<FileUpload>().Where(u => !u.IsDone && u.Parts == null);
        if (upload is not { } becoming)
        {
            return arriving;
        }

        var parts = await context.Set<FileUpload>().Where(u => u.Id == becoming).Select(u => u.Parts).FirstOrDefaultAsync(cancellationToken);
        Guid[] own = parts is null ? [becoming] : [.. parts.Split(' ').Select(Guid.Parse)];
        return arriving.Where(u => !own.Contains(u.Id));
    }

    private IQueryable<StoredFile> Files => context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.DeletedFilter]);
}
