using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Files;

/// <summary>
/// Looks for files whose content is not there, and says so in their records; takes it back where the content is there again. Each round looks at the next files, so that all have their turn, and
/// reads nothing of them.
/// </summary>
public sealed partial class MissingContents(FileBackends backends, ILogger<MissingContents> logger)
{
    private const int Batch = 500;

    /// <summary>Files that one round looks at: seconds on a disk, and a request each in Azure Blob Storage.</summary>
    private const int MostFiles = 20_000;

    private const int AtOnce = 8;

    private Guid _after;

    /// <summary>The fault of a file without content.</summary>
    internal static string FaultOf(Guid file, string backend) => $"The content of the file {file} is missing in the backend '{backend}'.";

    /// <param name="context">One without a tenant.</param>
    /// <param name="changed">Told whose files were changed.</param>
    /// <returns>How many were found missing.</returns>
    internal async Task<int> FindAsync(StoreContext context, Action<string> changed, CancellationToken cancellationToken)
    {
        int missing = 0;
        var away = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        for (int looked = 0; looked < MostFiles;)
        {
            var after = _after;
            var files = await context.Set<StoredFile>().IgnoreQueryFilters().Where(f => f.Id > after).OrderBy(f => f.Id).Take(Batch)
                .Select(f => new Looked(f.Id, f.Tenant, f.Backend, f.Content, f.Fault)).ToListAsync(cancellationToken);
            var odd = new System.Collections.Concurrent.ConcurrentBag<(Looked File, string? Fault)>();
            await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (file, ct) =>
            {
                var fault = FaultOf(file.Id, file.Backend);
                if (!backends.All.TryGetValue(file.Backend, out var store) || away.ContainsKey(file.Backend))
                {
                    return;
                }

                try
                {
                    bool there = await IsThereAsync(store, file.Content, ct);
                    if (there ? file.Fault == fault : file.Fault is null)
                    {
                        odd.Add((file, there ? null : fault));
                    }
                }
                catch (Exception e) when (FailureProblems.Explain(e)?.Kind == ProblemKind.Unavailable && !ct.IsCancellationRequested)
                {
                    if (away.TryAdd(file.Backend, true))
                    {
                        Away(logger, file.Backend, e.GetBaseException().Message);
                    }
                }
            });
            foreach (var (file, fault) in odd)
            {
                missing += await NoteAsync(context, file, fault, changed, cancellationToken);
            }

            looked += files.Count;
            _after = files.Count < Batch ? Guid.Empty : files[^1].Id;
            if (files.Count < Batch)
            {
                break;
            }
        }

        return missing;
    }

    // Nothing happens to a file that has been removed, or has another fault, by now.
    private async Task<int> NoteAsync(StoreContext context, Looked file, string? fault, Action<string> changed, CancellationToken cancellationToken)
    {
        var before = file.Fault;
        int noted = await context.Set<StoredFile>().IgnoreQueryFilters().Where(f => f.Id == file.Id && f.Content == file.Content && f.Fault == before)
            .ExecuteUpdateAsync(s => s.SetProperty(f => f.Fault, fault), cancellationToken);
        if (noted == 0)
        {
            return 0;
        }

        changed(file.Tenant);
        if (fault is null)
        {
            return 0;
        }

        Missing(logger, file.Id, file.Tenant, file.Content, file.Backend);
        return 1;
    }

    private static async Task<bool> IsThereAsync(IContentStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            await (await store.OpenAsync(name, cancellationToken)).DisposeAsync();
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is there; what is wrong with it is found when it is read.
            return true;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The content of the file {File} of the tenant {Tenant} is not there: {Content} in the backend {Backend}.")]
    private static partial void Missing(ILogger logger, Guid file, string tenant, string content, string backend);

    [LoggerMessage(2, LogLevel.Warning, "Whether the contents of the backend {Backend} are there was not asked any further in this round: {Reason}")]
    private static partial void Away(ILogger logger, string backend, string reason);

    private sealed record Looked(Guid Id, string Tenant, string Backend, string Content, string? Fault);
}
