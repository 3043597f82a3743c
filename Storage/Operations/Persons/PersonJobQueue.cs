using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>The queue of jobs, which is their table itself: any number of workers in any number of processes share it. A worker holds a job by a lease that it renews.</summary>
/// <param name="context">Without a tenant.</param>
public sealed class PersonJobQueue(StoreContext context, IOptions<PersonJobOptions> options, TimeProvider time)
{
    private TimeSpan LeaseTime => TimeSpan.FromSeconds(options.Value.LeaseSeconds);

    /// <summary>Takes the oldest job that waits or whose worker is gone; null where there is none.</summary>
    public async Task<PersonJob?> ClaimAsync(CancellationToken cancellationToken = default)
    {
        var (lease, now) = (RecordId.Next(time), context.Now());
        var until = now + LeaseTime;
        var free = context.Set<PersonJob>().IgnoreQueryFilters().Where(j => j.DeletedAt == null && (j.Status == PersonJobStatus.Queued || (j.Status == PersonJobStatus.Running && j.LeaseUntil < now)));
        var next = await free.OrderBy(j => j.Id).Select(j => new { j.Id, j.Lease }).FirstOrDefaultAsync(cancellationToken);
        if (next is null)
        {
            return null;
        }

        // Of two workers that saw the same job, one finds it changed. The revision tells a worker whose lease ran out that its last word does not count.
        int taken = await free.Where(j => j.Id == next.Id && j.Lease == next.Lease).ExecuteUpdateAsync(
            s => s.SetProperty(j => j.Status, PersonJobStatus.Running).SetProperty(j => j.Lease, lease).SetProperty(j => j.LeaseUntil, until).SetProperty(j => j.Attempts, j => j.Attempts + 1)
                .SetProperty(j => j.StartedAt, j => j.StartedAt ?? now).SetProperty(j => j.UpdatedAt, now).SetProperty(j => j.Revision, j => j.Revision + 1),
            cancellationToken);
        return taken == 0 ? null : await context.Set<PersonJob>().IgnoreQueryFilters().AsNoTracking().SingleAsync(j => j.Id == next.Id, cancellationToken);
    }

    /// <summary>Holds the job for another lease time. False where it is no longer this worker's.</summary>
    public async Task<bool> RenewAsync(PersonJob job, CancellationToken cancellationToken = default)
    {
        var until = context.Now() + LeaseTime;
        return await Held(context, job).ExecuteUpdateAsync(s => s.SetProperty(j => j.LeaseUntil, until), cancellationToken) == 1;
    }

    /// <summary>Lets the job go so that another worker takes it at once; for an orderly stop.</summary>
    public Task<int> ReleaseAsync(PersonJob job, CancellationToken cancellationToken = default) =>
        Held(context, job).ExecuteUpdateAsync(s => s.SetProperty(j => j.Status, PersonJobStatus.Queued).SetProperty(j => j.Lease, (Guid?)null).SetProperty(j => j.Attempts, j => j.Attempts - 1), cancellationToken);

    /// <summary>Says how far a job is.</summary>
    /// <exception cref="LeaseLostException">It is no longer this worker's.</exception>
    public async Task ProgressAsync(PersonJob job, long rows, long files, long bytes, CancellationToken cancellationToken = default)
    {
        if (await Held(context, job).ExecuteUpdateAsync(s => s.SetProperty(j => j.RowsDone, rows).SetProperty(j => j.FilesDone, files).SetProperty(j => j.BytesDone, bytes), cancellationToken) == 0)
        {
            throw new LeaseLostException();
        }
    }

    /// <summary>The job while this run of this worker holds it.</summary>
    internal static IQueryable<PersonJob> Held(StoreContext context, PersonJob job)
    {
        var (id, lease) = (job.Id, job.Lease);
        return context.Set<PersonJob>().IgnoreQueryFilters().Where(j => j.Id == id && j.Lease == lease && j.Status == PersonJobStatus.Running);
    }

    /// <summary>Ends the job, and forgets who it was about.</summary>
    /// <param name="tenant">A context of the job's tenant.</param>
    /// <param name="change">What else is to be said.</param>
    /// <exception cref="LeaseLostException">It is no longer this worker's.</exception>
    internal static async Task EndAsync(StoreContext tenant, PersonJob job, PersonJobStatus status, Action<PersonJob> change, CancellationToken cancellationToken)
    {
        var stored = await tenant.Set<PersonJob>().SingleAsync(j => j.Id == job.Id, cancellationToken);
        if (stored.Lease != job.Lease || stored.Status != PersonJobStatus.Running)
        {
            throw new LeaseLostException();
        }

        (stored.Status, stored.FinishedAt, stored.Lease, stored.LeaseUntil) = (status, tenant.Now(), null, null);
        (stored.Person, stored.OtherNames, stored.Salt) = (null, null, null);
        change(stored);
        try
        {
            await tenant.SaveChangesAsync(cancellationToken);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Stale)
        {
            throw new LeaseLostException();
        }
        finally
        {
            tenant.ChangeTracker.Clear();
        }
    }

    internal static string Describe(ProblemException e)
    {
        var problem = new ProblemDetails { Type = e.Kind.Type, Title = e.Kind.Title, Status = e.Kind.Status, Detail = e.Message };
        return JsonSerializer.Serialize(problem, PersonsJson.Default.ProblemDetails);
    }
}
