using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>
/// Takes one job from the queue and sees it through: renews the lease while it runs, lets it go when the process stops. A failure that a caller can understand ends the job with it; any other
/// leaves it to its next attempt, until there were too many.
/// </summary>
public sealed partial class PersonJobWorker(IServiceProvider services, IOptions<PersonJobOptions> options, TimeProvider time, ILogger<PersonJobWorker> logger)
{
    /// <returns>False where the queue had nothing.</returns>
    public async Task<bool> RunNextAsync(CancellationToken stopping)
    {
        PersonJob? job;
        await using (var scope = services.CreateAsyncScope())
        {
            job = await scope.ServiceProvider.GetRequiredService<PersonJobQueue>().ClaimAsync(stopping);
        }

        if (job is null)
        {
            return false;
        }

        using var held = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var finished = new CancellationTokenSource();
        var renewing = RenewAsync(job, held, finished.Token);
        Started(logger, job.Kind, job.Id, job.Attempts);
        try
        {
            await RunAsync(job, held.Token);
            Ended(logger, job.Kind, job.Id);
        }
        catch (Exception e) when (e is LeaseLostException || (e is OperationCanceledException && held.IsCancellationRequested))
        {
            if (stopping.IsCancellationRequested)
            {
                await using var scope = services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<PersonJobQueue>().ReleaseAsync(job, CancellationToken.None);
            }
            else
            {
                Lost(logger, job.Kind, job.Id);
            }
        }
        finally
        {
            await finished.CancelAsync();
            await renewing;
        }

        return true;
    }

    private async Task RunAsync(PersonJob job, CancellationToken cancellationToken)
    {
        try
        {
            if (job.Attempts > options.Value.MaxAttempts)
            {
                throw new ProblemException(ProblemKind.Internal, $"The workers that ran this job died or failed {options.Value.MaxAttempts} times; the log says why. Ask for it again.");
            }

            await (job.Kind == PersonJobKind.Export
                ? services.GetRequiredService<PersonExport>().RunAsync(job, cancellationToken)
                : services.GetRequiredService<PersonErasure>().RunAsync(job, cancellationToken));
        }
        catch (ProblemException e) when (e.Kind != ProblemKind.Unavailable && e.Kind != ProblemKind.Stale)
        {
            Failed(logger, job.Kind, job.Id, e.Message);
            await using var scope = services.CreateScopeFor(Caller.System(job.Tenant, "persons"));
            await PersonJobQueue.EndAsync(scope.ServiceProvider.GetRequiredService<StoreContext>(), job, PersonJobStatus.Failed, j => j.Error = PersonJobQueue.Describe(e), cancellationToken);
        }
    }

    private async Task RenewAsync(PersonJob job, CancellationTokenSource held, CancellationToken finished)
    {
        var pause = TimeSpan.FromSeconds(options.Value.LeaseSeconds / 3.0);
        while (!finished.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, finished);
                await using var scope = services.CreateAsyncScope();
                if (!await scope.ServiceProvider.GetRequiredService<PersonJobQueue>().RenewAsync(job, finished))
                {
                    await held.CancelAsync();
                    return;
                }
            }
            catch (OperationCanceledException) when (finished.IsCancellationRequested)
            {
                // The run is over.
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Without the database the run fails as well; whoever reaches it first after the lease has run out goes on.
                RenewalFailed(logger, e, job.Id);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Kind} {Job} of a person starts (attempt {Attempt}).")]
    private static partial void Started(ILogger logger, PersonJobKind kind, Guid job, int attempt);

    [LoggerMessage(2, LogLevel.Information, "{Kind} {Job} of a person ended.")]
    private static partial void Ended(ILogger logger, PersonJobKind kind, Guid job);

    [LoggerMessage(3, LogLevel.Warning, "{Kind} {Job} of a person was taken over by another worker.")]
    private static partial void Lost(ILogger logger, PersonJobKind kind, Guid job);

    [LoggerMessage(4, LogLevel.Warning, "{Kind} {Job} of a person failed: {Reason}")]
    private static partial void Failed(ILogger logger, PersonJobKind kind, Guid job, string reason);

    [LoggerMessage(5, LogLevel.Warning, "The lease of job {Job} could not be renewed.")]
    private static partial void RenewalFailed(ILogger logger, Exception exception, Guid job);
}
