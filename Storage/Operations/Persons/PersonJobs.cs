using System.Security.Cryptography;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>Asks for exports and erasures of one person, and tells how they go. It works for the tenant of its scope.</summary>
public sealed class PersonJobs(StoreContext context, RecordStore<PersonJob> store, IServiceScopeFactory scopes)
{
    private const int LongestName = 256, SaltBytes = 32;

    private static readonly SortKey<PersonJob>[] SortKeys = [SortKey<PersonJob>.By("createdAt", j => j.Id), SortKey<PersonJob>.By("finishedAt", j => j.FinishedAt)];

    /// <summary>Queues a job; where one of the same kind and person goes on, that is the answer.</summary>
    /// <param name="field">What the caller calls the person.</param>
    /// <param name="otherNames">What the person is known by besides.</param>
    /// <exception cref="ProblemException">Of kind invalid; not-found, where nothing is kept of such a person; or conflict, where an erasure meets a legal hold, or one kind of job the other.</exception>
    public async Task<PersonJob> RequestAsync(PersonJobKind kind, string field, string? person, IReadOnlyList<string> otherNames, CancellationToken cancellationToken = default)
    {
        RuleErrors.Require(person, (p, report) => TextRules.Check(field, p, LongestName, report, required: true));
        if (await OpenAsync(person!, kind, cancellationToken) is { } open)
        {
            return open;
        }

        if (await OpenAsync(person!, kind == PersonJobKind.Export ? PersonJobKind.Erasure : PersonJobKind.Export, cancellationToken) is { } other)
        {
            // An export that ended behind an erasure would leave a copy of what was certified to be gone.
            throw new ProblemException(ProblemKind.Conflict, kind == PersonJobKind.Export ? $"'{person}' is being erased." : $"'{person}' is being exported, by job {other.Id}. Ask again when it has ended.");
        }

        // Without a tenant: deleted rows count as well.
        await using var scope = scopes.CreateAsyncScope();
        var erasure = scope.ServiceProvider.GetRequiredService<Erasure>();
        if (await erasure.CountAsync(context.Tenant!, person!, cancellationToken) == 0)
        {
            throw new ProblemException(ProblemKind.NotFound, $"Nothing is kept of '{person}'.");
        }

        if (kind == PersonJobKind.Erasure)
        {
            await erasure.RequireNotHeldAsync(context.Tenant!, person!, cancellationToken);
        }

        return await store.CreateAsync(new PersonJob
        {
            Kind = kind, Status = PersonJobStatus.Queued, Person = person, OtherNames = JsonSerializer.Serialize(otherNames, PersonsJson.Default.IReadOnlyListString),
            Salt = kind == PersonJobKind.Erasure ? RandomNumberGenerator.GetBytes(SaltBytes) : null, RequestedBy = context.Actor,
        }, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<PersonJob> GetAsync(PersonJobKind kind, Guid id, CancellationToken cancellationToken = default)
    {
        var job = await store.Query.FirstOrDefaultAsync(j => j.Id == id && j.Kind == kind, cancellationToken);
        return job ?? throw new ProblemException(ProblemKind.NotFound, $"There is no {kind.ToString().ToLowerInvariant()} {id}.");
    }

    /// <param name="page">Sortable by createdAt and finishedAt.</param>
    public Task<Page<PersonJob>> ListAsync(PersonJobKind kind, PersonJobStatus? status, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(jobs => jobs.Where(j => j.Kind == kind && (status == null || j.Status == status)), SortKeys, page, cancellationToken);

    /// <summary>Whether an erasure of the person waits or goes on.</summary>
    public async Task<bool> IsBeingErasedAsync(string person, CancellationToken cancellationToken = default) => await OpenAsync(person, PersonJobKind.Erasure, cancellationToken) is not null;

    /// <summary>Whether an export of the person waits or goes on.</summary>
    public async Task<bool> IsBeingExportedAsync(string person, CancellationToken cancellationToken = default) => await OpenAsync(person, PersonJobKind.Export, cancellationToken) is not null;

    private Task<PersonJob?> OpenAsync(string person, PersonJobKind kind, CancellationToken cancellationToken)
    {
        var index = BlindIndex.Of<PersonJob, string?>(context, j => j.Person, person);
        return store.Query.Where(j => j.PersonIndex == index && j.Kind == kind && (j.Status == PersonJobStatus.Queued || j.Status == PersonJobStatus.Running)).FirstOrDefaultAsync(cancellationToken);
    }
}
