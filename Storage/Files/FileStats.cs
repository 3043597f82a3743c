using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files;

/// <summary>Files of one kind.</summary>
/// <param name="Name">The media type, or the owner.</param>
/// <param name="Files">How many.</param>
/// <param name="Bytes">Of their contents.</param>
/// <param name="StoredBytes">What these take.</param>
/// <param name="Accesses">How often they were read.</param>
public sealed record FileUsage(string Name, long Files, long Bytes, long StoredBytes, long Accesses);

/// <summary>What a tenant stores.</summary>
/// <param name="Total">Of all files.</param>
/// <param name="ByType">The largest kinds first.</param>
/// <param name="ByOwner">The largest owners first.</param>
/// <param name="Damaged">Files whose content was missing or damaged when it was last looked at.</param>
/// <param name="QuotaBytes">What the tenant may store; null: no limit.</param>
public sealed record FileStatistics(FileUsage Total, IReadOnlyList<FileUsage> ByType, IReadOnlyList<FileUsage> ByOwner, long Damaged, long? QuotaBytes);

/// <summary>Adds up files, of those that the caller sees.</summary>
public sealed class FileStats(StoreContext context, FileRights access, IOptions<FilesOptions> options)
{
    private const int Most = 100;

    public async Task<FileStatistics> ReadAsync(CancellationToken cancellationToken = default)
    {
        var files = access.Visible(context.Set<StoredFile>().AsNoTracking());
        var byType = await files.GroupBy(f => f.Type).Select(g => new { g.Key, Files = g.LongCount(), Bytes = g.Sum(f => f.Size), Stored = g.Sum(f => f.StoredSize), Accesses = g.Sum(f => f.AccessCount) })
            .ToListAsync(cancellationToken);
        var byOwner = await files.GroupBy(f => f.Owner).Select(g => new { g.Key, Files = g.LongCount(), Bytes = g.Sum(f => f.Size), Stored = g.Sum(f => f.StoredSize), Accesses = g.Sum(f => f.AccessCount) })
            .OrderByDescending(g => g.Bytes).Take(Most).ToListAsync(cancellationToken);
        var types = byType.Select(t => new FileUsage(t.Key, t.Files, t.Bytes, t.Stored, t.Accesses)).OrderByDescending(t => t.Bytes).ToList();
        return new FileStatistics(
            new FileUsage("all", types.Sum(t => t.Files), types.Sum(t => t.Bytes), types.Sum(t => t.StoredBytes), types.Sum(t => t.Accesses)),
            [.. types.Take(Most)],
            [.. byOwner.Select(o => new FileUsage(o.Key, o.Files, o.Bytes, o.Stored, o.Accesses))],
            await files.LongCountAsync(f => f.Fault != null, cancellationToken),
            options.Value.TenantQuotaBytes);
    }
}
