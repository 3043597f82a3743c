using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>
/// Runs an erasure to its certificate. It repeats the erasure until a look at all tables finds nothing: a request that was under way when it began may store something behind its back. Killed
/// at any moment, it is gone on with by the next worker, and what was removed before is in the certificate too.
/// </summary>
public sealed class PersonErasure(IServiceProvider services, TimeProvider time)
{
    private const int MostPasses = 5;

    /// <summary>For requests that were under way.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <exception cref="ProblemException">Of kind conflict: a legal hold covers some of it, or it does not come to an end.</exception>
    public async Task RunAsync(PersonJob job, CancellationToken cancellationToken = default)
    {
        var person = job.Person ?? throw new LeaseLostException();
        var journal = new Journal(services, job);
        var order = new ErasureOrder(job.Tenant, person, job.RequestedBy)
        {
            OtherNames = JsonSerializer.Deserialize(job.OtherNames ?? "[]", PersonsJson.Default.IReadOnlyListString)!, Journal = journal,
        };
        await CountAsync(job, person, cancellationToken);
        for (int pass = 1; ; pass++)
        {
            await using var scope = services.CreateAsyncScope();
            var erasure = scope.ServiceProvider.GetRequiredService<Erasure>();
            await erasure.RunAsync(order, cancellationToken);
            await ForgetCachedAsync(job.Tenant, person, cancellationToken);
            await Task.Delay(Pause, time, cancellationToken);
            // One that was asked for in the same moment; its file is counted once it has ended.
            bool exported = await IsBeingExportedAsync(job, person, cancellationToken);
            if (await erasure.CountAsync(job.Tenant, person, cancellationToken) is var left && left == 0 && !exported && await KeysAsync(scope.ServiceProvider, job, person, KeyState.Destroyed, negate: true, cancellationToken) is [])
            {
                break;
            }

            if (pass == MostPasses)
            {
                throw new ProblemException(ProblemKind.Conflict, $"Something goes on storing records of the person: after {MostPasses} passes {left} rows are there. Stop it and ask for the erasure again.");
            }
        }

        await CertifyAsync(job, person, cancellationToken);
    }

    // What is shown as the whole of it; what an earlier attempt removed is part of it.
    private async Task CountAsync(PersonJob job, string person, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        long rows = await scope.ServiceProvider.GetRequiredService<Erasure>().CountAsync(job.Tenant, person, cancellationToken) + ErasureProgress.Read(job.Removed).Rows.Values.Sum();
        await PersonJobQueue.Held(context, job).ExecuteUpdateAsync(s => s.SetProperty(j => j.RowsTotal, rows), cancellationToken);
    }

    private async Task<bool> IsBeingExportedAsync(PersonJob job, string person, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(Caller.System(job.Tenant, "erasure"));
        return await scope.ServiceProvider.GetRequiredService<PersonJobs>().IsBeingExportedAsync(person, cancellationToken);
    }

    // What callers keep in the cache about a person has the tag person:NAME.
    private async Task ForgetCachedAsync(string tenant, string person, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(Caller.System(tenant, "erasure"));
        if (scope.ServiceProvider.GetService<IStoreCache>() is { } cache)
        {
            await cache.InvalidateTagAsync($"person:{person}", cancellationToken);
        }
    }

    private async Task CertifyAsync(PersonJob job, string person, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var removed = ErasureProgress.Read(await PersonJobQueue.Held(context, job).Select(j => j.Removed).SingleOrDefaultAsync(cancellationToken));
        var statement = new ErasureStatement
        {
            Tenant = job.Tenant, Job = job.Id, Person = ErasureCertificate.NameOf(job.Salt!, job.Tenant, person), RequestedBy = job.RequestedBy, RequestedAt = job.CreatedAt, FinishedAt = context.Now(),
            Rows = removed.Rows, Archived = removed.Archived, Spooled = removed.Spooled, Contents = removed.Contents, ContentBytes = removed.ContentBytes, ContentsUnreached = removed.Unreached,
            Keys = await KeysAsync(scope.ServiceProvider, job, person, KeyState.Destroyed, negate: false, cancellationToken),
        };
        using var signer = services.GetRequiredService<AuditLogs>().Signer();
        var certificate = signer.Sign(ErasureCertificate.TextOf(statement));
        await using var own = services.CreateScopeFor(Caller.System(job.Tenant, "persons"));
        var tenant = own.ServiceProvider.GetRequiredService<StoreContext>();
        await FormerVersions.OverwriteAsync(tenant, ct => PersonJobQueue.EndAsync(tenant, job, PersonJobStatus.Succeeded, j => j.Certificate = certificate, ct), cancellationToken);
        // Name and salt stood in the row until now.
        await FormerVersions.RemoveAsync(context, PersonJob.Table, cancellationToken);
    }

    // Those of this erasure: a person of the same name who was erased before had others.
    private static Task<List<Guid>> KeysAsync(IServiceProvider services, PersonJob job, string person, KeyState state, bool negate, CancellationToken cancellationToken)
    {
        var (tenant, asked) = (job.Tenant, job.CreatedAt);
        return services.GetRequiredService<StoreContext>().Set<DataKey>().Where(k => k.Owner == tenant && k.Subject == person && (k.State == state) != negate && (negate || k.UpdatedAt >= asked))
            .OrderBy(k => k.Id).Select(k => k.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Keeps what was removed with the job, as long as it is this worker's.</summary>
    private sealed class Journal(IServiceProvider services, PersonJob job) : IErasureJournal
    {
        public Task NoteAsync(StoreContext context, ErasedPart part, CancellationToken cancellationToken) => ChangeAsync(context, p => p.With(part), cancellationToken);

        public async Task<IReadOnlyList<ErasedContent>> PendingAsync(CancellationToken cancellationToken)
        {
            await using var scope = services.CreateAsyncScope();
            return ErasureProgress.Read(await PersonJobQueue.Held(scope.ServiceProvider.GetRequiredService<StoreContext>(), job).Select(j => j.Removed).SingleOrDefaultAsync(cancellationToken)).Pending;
        }

        public async Task SettleAsync(int unreached, CancellationToken cancellationToken)
        {
            await using var scope = services.CreateAsyncScope();
            await ChangeAsync(scope.ServiceProvider.GetRequiredService<StoreContext>(), p => p with { Pending = [], Unreached = p.Unreached + unreached }, cancellationToken);
        }

        private async Task ChangeAsync(StoreContext context, Func<ErasureProgress, ErasureProgress> change, CancellationToken cancellationToken)
        {
            var held = PersonJobQueue.Held(context, job);
            var next = change(ErasureProgress.Read(await held.Select(j => j.Removed).SingleOrDefaultAsync(cancellationToken)));
            var (json, rows) = (next.ToJson(), next.Rows.Values.Sum());
            if (await held.ExecuteUpdateAsync(
                s => s.SetProperty(j => j.Removed, json).SetProperty(j => j.RowsDone, rows).SetProperty(j => j.FilesDone, next.Contents).SetProperty(j => j.BytesDone, next.ContentBytes), cancellationToken) == 0)
            {
                throw new LeaseLostException();
            }
        }
    }
}
