using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>The parts of uploads that are going on. They are gone when the upload is finished or has expired.</summary>
internal sealed class UploadKeyUse : IKeyUse
{
    public async Task<IReadOnlyList<string>> FindAsync(StoreContext context, DataKey key, CancellationToken cancellationToken)
    {
        var prefix = StagedContents.PrefixOf(key.Id);
        int uploads = await context.Set<UploadSegment>().IgnoreQueryFilters().Where(s => s.Tenant == key.Owner && s.Content.StartsWith(prefix)).Select(s => s.UploadId).Distinct().CountAsync(cancellationToken);
        return uploads == 0 ? [] : [$"{uploads} uploads that are going on"];
    }
}
