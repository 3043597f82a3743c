using CloudStore.Storage.Files;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>The files of imports that wait or run. They are gone when the import has ended.</summary>
internal sealed class ImportKeyUse : IKeyUse
{
    public async Task<IReadOnlyList<string>> FindAsync(StoreContext context, DataKey key, CancellationToken cancellationToken)
    {
        var prefix = StagedContents.PrefixOf(key.Id);
        int jobs = await context.Set<ImportJob>().IgnoreQueryFilters()
            .CountAsync(j => j.Tenant == key.Owner && (j.Status == ImportStatus.Queued || j.Status == ImportStatus.Running) && j.Content.StartsWith(prefix), cancellationToken);
        return jobs == 0 ? [] : [$"{jobs} imports that have not ended"];
    }
}
