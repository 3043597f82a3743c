using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>Runs one job from its checkpoint to its end. While a batch is being committed the next is read and bound.</summary>
public sealed class ImportRunner(StoreContext context, ImportQueue queue, ImportTargets targets, StagedContents contents, ImportSettings settings, ImportDecryption decryption)
{
    /// <summary>Ends the job one way or the other, except where it was taken from this worker or <paramref name="cancellationToken"/> stops it.</summary>
    /// <exception cref="LeaseLostException">The job is no longer this worker's.</exception>
    /// <exception cref="Exception">A store was away or full (<see cref="IsStoreAway"/>), or there is a bug; the job goes on behind the last committed batch.</exception>
    public async Task RunAsync(ImportJob job, CancellationToken cancellationToken)
    {
        var (status, error) = (ImportStatus.Succeeded, (ProblemDetails?)null);
        try
        {
            if (job.Attempts > settings.MaxAttempts)
            {
                throw new ProblemException(ProblemKind.Internal, $"The workers that loaded this file died {settings.MaxAttempts} times behind row {job.RowsRead}.");
            }

            await LoadAsync(job, cancellationToken);
        }
        catch (Exception e) when (!IsStoreAway(e) && Explain(e) is { } problem)
        {
            (status, error) = (ImportStatus.Failed, problem);
        }

        var text = error is null ? null : JsonSerializer.Serialize(error, ImportJson.Default.ProblemDetails);
        if (!await queue.FinishAsync(job, status, text, cancellationToken))
        {
            throw new LeaseLostException();
        }

        await contents.DeleteAsync(job.Content, cancellationToken: CancellationToken.None);
    }

    /// <summary>Whether a run failed for want of the database or of the file's storage: that says nothing of the file.</summary>
    internal static bool IsStoreAway(Exception e) => FailureProblems.Explain(e) is { } problem && (problem.Kind == ProblemKind.Unavailable || problem.Kind == ProblemKind.InsufficientStorage);

    private async Task LoadAsync(ImportJob job, CancellationToken cancellationToken)
    {
        var options = JsonSerializer.Deserialize(job.Options, ImportJson.Default.ImportOptions)!;
        var checkpoint = job.Checkpoint is null ? null : JsonSerializer.Deserialize(job.Checkpoint, ImportJson.Default.ImportCheckpoint);
        var plan = ImportPlan.Create(targets.Get(job.Target), options);
        await plan.SampleAsync(() => OpenAsync(job, options, null, cancellationToken), cancellationToken);
        using var keyHash = plan.HashesKey ? new KeyHash(context, plan.Target.Name) : null;
        using var binder = plan.Target.CreateBinder(plan);
        binder.KeyHash = keyHash;
        binder.Survey = checkpoint?.Survey;
        await using var committer = new BatchCommitter(context, queue, job, settings);
        await using var reader = await OpenAsync(job, options, checkpoint?.Position, cancellationToken);
        if (checkpoint is null && reader.Format == FileFormat.Csv)
        {
            plan.CheckHeader(reader.Columns);
        }

        int mostRejects = options.MaxRejects ?? settings.MaxRejects;
        long flushAt = reader.Offset + settings.BatchBytes;
        var committing = Task.CompletedTask;
        try
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                while (binder.Bind(reader) == BindOutcome.NeedsSurvey)
                {
                    binder.Survey = await SurveyAsync(job, options, binder, cancellationToken);
                }

                if (binder.Rows >= settings.BatchRows || reader.Offset >= flushAt)
                {
                    flushAt = reader.Offset + settings.BatchBytes;
                    var survey = binder.Survey;
                    var batch = binder.Take(reader);
                    batch.Prepare(context);
                    await committing;
                    CheckRejects(job, mostRejects);
                    committing = Task.Run(() => committer.AddAsync(batch, survey, cancellationToken), cancellationToken);
                }
            }
        }
        catch (UnreadableFileException)
        {
            // What was read before the fault is good: it is committed, then the job fails.
            await committing;
            await CommitAsync(committer, binder, reader, cancellationToken);
            throw;
        }
        catch (Exception e)
        {
            await committing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (committing.IsCompletedSuccessfully && Explain(e) is not null)
            {
                await committer.CommitAsync(cancellationToken);
            }

            throw;
        }

        await committing;
        await CommitAsync(committer, binder, reader, cancellationToken);
        CheckRejects(job, mostRejects);
    }

    private static async Task CommitAsync(BatchCommitter committer, RowBinder binder, RowReader reader, CancellationToken cancellationToken)
    {
        var survey = binder.Survey;
        await committer.AddAsync(binder.Take(reader), survey, cancellationToken);
        await committer.CommitAsync(cancellationToken);
    }

    private static void CheckRejects(ImportJob job, int most)
    {
        if (job.RowsRejected > most)
        {
            throw ProblemException.ForField(ProblemKind.Unprocessable, "maxRejects", "exceeded",
                $"{job.RowsRejected} rows were rejected, more than maxRejects={most}. The rejects say why; the good rows up to there are loaded.");
        }
    }

    // What reads rows reads them decrypted: the survey of columns and the sample of dates as well as the load.
    private async Task<RowReader> OpenAsync(ImportJob job, ImportOptions options, ReaderPosition? position, CancellationToken cancellationToken)
    {
        decryption.Require(options);
        var reader = await RowReaders.OpenAsync(async ct => await contents.OpenReadAsync(job.Content, ct), job.BytesTotal, settings.ReadOptions(options), position, cancellationToken);
        return decryption.Wrap(reader, options);
    }

    private async Task<SurveyResult> SurveyAsync(ImportJob job, ImportOptions options, RowBinder binder, CancellationToken cancellationToken)
    {
        await using var reader = await OpenAsync(job, options, null, cancellationToken);
        return await ColumnSurvey.RunAsync(reader, [.. binder.SurveyColumns], cancellationToken);
    }

    private static ProblemDetails? Explain(Exception e) => e switch
    {
        UnreadableFileException u => Problem(ProblemKind.Unprocessable, u.Message, new ProblemError("file", u.Rule, u.Message)),
        UndecidedColumnException u => Problem(ProblemKind.Unprocessable, u.Message, new ProblemError(u.Column, "undecided", u.Message)),
        FileNotFoundException => Problem(ProblemKind.Internal, "The uploaded file is gone from the content store."),
        ProblemException p => Problem(p.Kind, p.Message, [.. p.Errors]),
        _ => null,
    };

    private static ProblemDetails Problem(ProblemKind kind, string detail, params ProblemError[] errors)
    {
        var problem = new ProblemDetails { Type = kind.Type, Title = kind.Title, Status = kind.Status, Detail = detail };
        if (errors.Length > 0)
        {
            problem.Extensions["errors"] = JsonSerializer.SerializeToElement(errors, JsonSerializerOptions.Web);
        }

        return problem;
    }
}
