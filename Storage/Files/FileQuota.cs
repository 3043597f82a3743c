using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files;

/// <summary>
/// How much a tenant and its users may store. Files that were deleted count until their content is gone. Uploads that run beside each other are each measured against what was stored when they
/// began: together they may go over by what the others bring.
/// </summary>
public sealed class FileQuota(StoreContext context, IOptions<FilesOptions> options)
{
    /// <summary>Bytes that are left for an owner.</summary>
    public async Task<long> LeftAsync(string owner, CancellationToken cancellationToken = default)
    {
        long left = long.MaxValue;
        if (options.Value.TenantQuotaBytes is { } ofTenant)
        {
            left = Math.Max(0, ofTenant - await Files.SumAsync(f => f.Size, cancellationToken));
        }

        return options.Value.OwnerQuotaBytes is { } ofOwner ? Math.Min(left, Math.Max(0, ofOwner - await Files.Where(f => f.Owner == owner).SumAsync(f => f.Size, cancellationToken))) : left;
    }

    /// <summary>Why a content of that length is refused.</summary>
    public async Task<ProblemException> RefusalAsync(string owner, long length, CancellationToken cancellationToken = default)
    {
        if (length > options.Value.MaxBytes)
        {
            return new ProblemException(ProblemKind.TooLarge, $"A file may have {options.Value.MaxBytes:N0} bytes (Files:MaxBytes); this one has more.");
        }

        long left = await LeftAsync(owner, cancellationToken);
        return new ProblemException(ProblemKind.InsufficientStorage, $"The quota of the tenant or of the owner '{owner}' is used up but for {left:N0} bytes (Files:TenantQuotaBytes, Files:OwnerQuotaBytes).");
    }

    private IQueryable<StoredFile> Files => context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.DeletedFilter]);
}
