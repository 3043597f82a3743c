using CloudStore.Storage.Files;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// Records that were removed from the database: below a folder, one for each table and tenant, files of gzipped JSON Lines with the stored columns of each row
/// under their names. Encrypted columns stay encrypted (as base64), so that what is archived goes with its key as well. A batch is on the disk under another name, staged, until it is known
/// that its rows have been removed; so each row is archived once, however often somebody is killed.
/// </summary>
public sealed class Archive(IOptions<RetentionOptions> options, DataOptions data, TimeProvider time)
{
    // "cs-archi" in ASCII: any number will do that nobody else of this database locks.
    internal const long LockId = 0x63732D6172636869;
    private const string Suffix = ".ndjson.gz";
    private const string Staged = ".staged";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public string Folder => options.Value.ArchiveFolder ?? data.PathOf("archive");

    /// <summary>Writes rows of one tenant that are about to be removed; they are on the disk when this returns, and part of the archive when they are kept.</summary>
    /// <param name="table">Their table.</param>
    /// <param name="tenant">Their tenant.</param>
    /// <param name="rows">One JSON object each.</param>
    /// <returns>The file, for <see cref="Keep"/> or <see cref="Discard"/>.</returns>
    internal string Stage(string table, string tenant, IReadOnlyList<byte[]> rows)
    {
        var file = Path.Combine(FolderOf(table, tenant), $"{RecordId.Next(time):n}{Suffix}{Staged}");
        ArchiveFile.Write(file, rows);
        return file;
    }

    /// <summary>The batches of a table that are staged. Whoever holds the lock alone may ask, keep and discard them.</summary>
    internal List<string> StagedOf(string table) => [.. FoldersOf(table).SelectMany(folder => Directory.GetFiles(folder, $"*{Suffix}{Staged}"))];

    /// <summary>The rows of a staged batch are removed: from now on it is part of the archive.</summary>
    internal static void Keep(string staged)
    {
        // An erasure may have taken the last of its rows.
        if (File.Exists(staged))
        {
            File.Move(staged, Final(staged));
            DurableFile.FlushFolder(Path.GetDirectoryName(staged)!);
        }
    }

    /// <summary>The rows of a staged batch are still stored.</summary>
    internal static void Discard(string staged) => File.Delete(staged);

    /// <summary>
    /// Keeps the archive, and the rows that go to it, to the caller alone until it is disposed of: beside SQLite by a locked file, on Postgres, whose processes may be on several machines,
    /// by a lock in the database that ends with the context's transaction.
    /// </summary>
    /// <param name="context">On Postgres in a transaction.</param>
    internal async Task<IDisposable?> LockAsync(StoreContext context, CancellationToken cancellationToken)
    {
        if (context.Dialect == StoreDialect.Postgres)
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockId})", cancellationToken);
            return null;
        }

        DurableFile.MakeFolder(Folder);
        var path = Path.Combine(Folder, "lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(Look, time, cancellationToken);
            }
        }
    }

    /// <summary>Does something while nobody else adds to the archive, or removes from it.</summary>
    internal Task<T> LockedAsync<T>(StoreContext context, Func<T> work, CancellationToken cancellationToken) => context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
    {
        await using var transaction = context.Dialect == StoreDialect.Postgres ? await context.Database.BeginTransactionAsync(ct) : null;
        using var held = await LockAsync(context, ct);
        return work();
    }, cancellationToken);

    /// <summary>Removes a tenant's rows, or those of one person.</summary>
    /// <returns>How many there were.</returns>
    internal int Erase(RecordType type, string tenant, string? subject) =>
        Erase(type.Name, tenant, subject is null ? static _ => true : row => ArchiveFile.IsAbout(row, type.SubjectColumn!, subject));

    /// <summary>Removes a tenant's rows of which something is true, from staged batches as well.</summary>
    /// <returns>How many there were.</returns>
    internal int Erase(string table, string tenant, Predicate<byte[]> which)
    {
        int erased = 0;
        foreach (var file in FilesIn(FolderOf(table, tenant)))
        {
            var rows = ArchiveFile.Read(file).ToList();
            var kept = rows.FindAll(r => !which(r));
            if (kept.Count == rows.Count)
            {
                continue;
            }

            erased += rows.Count - kept.Count;
            if (kept.Count > 0)
            {
                ArchiveFile.Write(file, kept);
            }
            else
            {
                File.Delete(file);
            }
        }

        return erased;
    }

    /// <summary>All batches of a table, staged ones included, with what is left of writings that were broken off removed. For whoever holds the lock.</summary>
    /// <param name="tenant">Whose; null for everybody's.</param>
    internal List<string> Files(string table, string? tenant) => [.. (tenant is null ? FoldersOf(table) : [FolderOf(table, tenant)]).SelectMany(FilesIn)];

    /// <summary>What a batch that was listed under the lock is called by now.</summary>
    internal static string Now(string file) => File.Exists(file) ? file : Final(file);

    private static string Final(string file) => file.EndsWith(Staged, StringComparison.Ordinal) ? file[..^Staged.Length] : file;

    private static IEnumerable<string> FilesIn(string folder)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var broken in Directory.GetFiles(folder, "*.part"))
        {
            File.Delete(broken);
        }

        foreach (var file in Directory.GetFiles(folder).Where(f => f.EndsWith(Suffix, StringComparison.Ordinal) || f.EndsWith(Suffix + Staged, StringComparison.Ordinal)))
        {
            yield return file;
        }
    }

    private string[] FoldersOf(string table) => Path.Combine(Folder, table) is var folder && Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];

    // A tenant's name has only letters, digits and hyphens where the API made it; escaping keeps any other inside the folder.
    private string FolderOf(string table, string tenant) => Path.Combine(Folder, table, tenant.Trim('.').Length == 0 ? $"%{tenant}" : Uri.EscapeDataString(tenant));
}
