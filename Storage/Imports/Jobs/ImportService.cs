using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>Takes files in and answers for the jobs they become.</summary>
public sealed class ImportService(StoreContext context, Pager pager, ImportTargets targets, StagedContents contents, ImportSettings settings, ImportSignal signal,
    ImportQueue queue, ImportDecryption decryption)
{
    // Loads of one file, the newest first, among which one with the same options is looked for.
    private const int MostCompared = 100;

    private static readonly SortKey<ImportJob>[] SortKeys = [SortKey<ImportJob>.By("createdAt", j => j.Id), SortKey<ImportJob>.By("finishedAt", j => j.FinishedAt)];

    /// <summary>Checks what can be checked before the file is there.</summary>
    /// <exception cref="ProblemException">The target or an option is not valid.</exception>
    public ImportPlan Plan(ImportOptions options)
    {
        var plan = ImportPlan.Create(targets.Get(options.Target), options);
        decryption.Require(options);
        // A binder reads the values of set= when it is made.
        using var binder = plan.Target.CreateBinder(plan);
        return plan;
    }

    /// <summary>Stores the file. Nothing is queued yet.</summary>
    public Task<StoredContent> StageAsync(Stream file, CancellationToken cancellationToken = default) => contents.WriteAsync(context.Tenant!, file, settings.MaxUploadBytes, cancellationToken: cancellationToken);

    /// <summary>Gives up a staged file.</summary>
    public Task DiscardAsync(StoredContent content) => contents.DeleteAsync(content.Name, cancellationToken: CancellationToken.None);

    /// <summary>
    /// Queues a staged file. Where the same file was loaded into the same target with the same options before, or is being loaded, and <see cref="ImportOptions.Force"/> does not ask for it
    /// again, that job is returned instead.
    /// </summary>
    /// <returns>The job, and whether it is new.</returns>
    /// <exception cref="ProblemException">The file's beginning cannot be read, or its header does not fit; the staged file is removed.</exception>
    public async Task<(ImportJob Job, bool IsNew)> EnqueueAsync(ImportPlan plan, StoredContent content, CancellationToken cancellationToken = default)
    {
        var job = new ImportJob
        {
            Id = RecordId.Next(context.Time),
            Target = plan.Target.Name,
            Status = ImportStatus.Queued,
            Options = JsonSerializer.Serialize(plan.Options, ImportJson.Default.ImportOptions),
            Content = content.Name,
            ContentHash = content.Sha256,
            BytesTotal = content.Bytes,
        };
        var queued = await StoreAsync(plan, content, job, cancellationToken);
        if (queued.Id != job.Id)
        {
            await DiscardAsync(content);
            return (queued, false);
        }

        signal.Announce();
        return (job, true);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<ImportJob> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
        await context.Set<ImportJob>().AsNoTracking().SingleOrDefaultAsync(j => j.Id == id, cancellationToken)
            ?? throw new ProblemException(ProblemKind.NotFound, $"There is no import {id}.");

    public Task<Page<ImportJob>> ListAsync(ImportStatus? status, PageRequest page, CancellationToken cancellationToken = default)
    {
        var jobs = context.Set<ImportJob>().AsQueryable();
        return pager.PageAsync(status is null ? jobs : jobs.Where(j => j.Status == status), SortKeys, page, cancellationToken);
    }

    /// <summary>Stops a job: at once where it waits, else at its next batch. A finished job stays as it is.</summary>
    public async Task<ImportJob> CancelAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var now = context.Now();
        await GetAsync(id, cancellationToken);
        var cancelled = await context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            var rows = await context.Set<ImportJob>().Where(j => j.Id == id && j.Status == ImportStatus.Queued).ExecuteUpdateAsync(
                s => s.SetProperty(j => j.Status, ImportStatus.Cancelled).SetProperty(j => j.FinishedAt, now).SetProperty(j => j.UpdatedAt, now), ct);
            if (rows == 1)
            {
                await queue.NoteEndAsync(id, ct);
            }

            await transaction.CommitAsync(ct);
            return rows;
        }, cancellationToken);
        if (cancelled == 0)
        {
            // Queued again as well: its worker may be stopping at this moment, and the next one has to see it.
            await context.Set<ImportJob>().Where(j => j.Id == id && (j.Status == ImportStatus.Running || j.Status == ImportStatus.Queued))
                .ExecuteUpdateAsync(s => s.SetProperty(j => j.CancelRequested, true), cancellationToken);
        }

        var job = await GetAsync(id, cancellationToken);
        if (job.Status == ImportStatus.Cancelled)
        {
            await contents.DeleteAsync(job.Content, cancellationToken: CancellationToken.None);
        }

        return job;
    }

    /// <returns>The job, or the one that is there for the same file.</returns>
    private async Task<ImportJob> StoreAsync(ImportPlan plan, StoredContent content, ImportJob job, CancellationToken cancellationToken)
    {
        bool saves = false;
        try
        {
            await CheckHeaderAsync(plan, content, cancellationToken);
            return await context.TransactAsync(
                async ct =>
                {
                    await LockAsync(plan, content, ct);
                    if (!plan.Options.Force && await FindSameAsync(plan, content, ct) is { } same)
                    {
                        return same;
                    }

                    saves = true;
                    context.Add(job);
                    await context.SaveChangesAsync(ct);
                    return job;
                },
                cancellationToken);
        }
        catch
        {
            // It may be queued although the answer did not come. Where that cannot be asked, the file stays: the keeper removes what no job waits for.
            if (saves && await context.Set<ImportJob>().AnyAsync(j => j.Id == job.Id, CancellationToken.None))
            {
                return job;
            }

            await DiscardAsync(content);
            throw;
        }
    }

    // Of two uploads of one file at once the second looks when the first is queued. On SQLite the transaction has the database's write lock from its beginning.
    private async Task LockAsync(ImportPlan plan, StoredContent content, CancellationToken cancellationToken)
    {
        if (context.Dialect == StoreDialect.Postgres)
        {
            var file = $"import {context.Tenant} {plan.Target.Name} {content.Sha256}";
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({file}, 0))", cancellationToken);
        }
    }

    private async Task<ImportJob?> FindSameAsync(ImportPlan plan, StoredContent content, CancellationToken cancellationToken)
    {
        var (target, hash) = (plan.Target.Name, content.Sha256);
        var loads = await context.Set<ImportJob>().AsNoTracking()
            .Where(j => j.Target == target && j.ContentHash == hash && j.Status != ImportStatus.Failed && j.Status != ImportStatus.Cancelled)
            .OrderByDescending(j => j.Id).Take(MostCompared).ToListAsync(cancellationToken);
        var meaning = MeaningOf(plan.Options);
        return loads.FirstOrDefault(j => MeaningOf(JsonSerializer.Deserialize(j.Options, ImportJson.Default.ImportOptions)!) == meaning);
    }

    // The same file with another map or key is another load: whoever mends the first try's options must not get that try's answer.
    private static string MeaningOf(ImportOptions options) =>
        JsonSerializer.Serialize(options with { MaxRejects = null, Force = false, Map = Sorted(options.Map), Set = Sorted(options.Set), Scale = Sorted(options.Scale) }, ImportJson.Default.ImportOptions);

    private static SortedDictionary<string, T> Sorted<T>(IReadOnlyDictionary<string, T> values) => new(values.ToDictionary(), StringComparer.Ordinal);

    private async Task CheckHeaderAsync(ImportPlan plan, StoredContent content, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await RowReaders.OpenAsync(async ct => await contents.OpenReadAsync(content.Name, ct), content.Bytes, settings.ReadOptions(plan.Options), null, cancellationToken);
            if (reader.Format == FileFormat.Csv)
            {
                plan.CheckHeader(reader.Columns);
            }
        }
        catch (UnreadableFileException e)
        {
            throw ProblemException.ForField(ProblemKind.Unprocessable, "file", e.Rule, e.Message);
        }
    }
}
