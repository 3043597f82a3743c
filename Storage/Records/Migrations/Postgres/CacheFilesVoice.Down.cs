using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace CloudStore.Storage.Records.Migrations.Postgres;

/// <summary>Beside what the tool has made of it.</summary>
public partial class CacheFilesVoice
{
    /// <inheritdoc/>
    public override IReadOnlyList<MigrationOperation> DownOperations => [DownGuard.OnPostgres, .. base.DownOperations];
}
