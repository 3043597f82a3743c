using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Operations.Persons;
using CloudStore.Storage.Records;
using CloudStore.Storage.Voice.Consents;
using CloudStore.Storage.Voice.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Voice;

/// <summary>Whether something may be kept of a user: the user is there, is not being erased, and has consented where the purpose needs it.</summary>
public sealed class UserGate(StoreContext context, PersonJobs jobs, IOptions<VoiceOptions> options)
{
    /// <exception cref="ProblemException">Of kind invalid, where there is no such user; or conflict, while the user is being erased.</exception>
    public async Task RequireUserAsync(string username, CancellationToken cancellationToken = default)
    {
        if (!await context.Set<User>().AnyAsync(u => u.Username == username, cancellationToken))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "username", "known-user", $"There is no user '{username}'.");
        }

        await RequireNotErasedAsync(username, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind conflict: the user is being erased.</exception>
    public async Task RequireNotErasedAsync(string username, CancellationToken cancellationToken = default)
    {
        if (await jobs.IsBeingErasedAsync(username, cancellationToken))
        {
            throw new ProblemException(ProblemKind.Conflict, $"The user '{username}' is being erased; nothing new is kept of them.");
        }
    }

    /// <summary>What the user has decided last for a purpose; null where nothing.</summary>
    public Task<Consent?> CurrentAsync(string username, ConsentPurpose purpose, CancellationToken cancellationToken = default) =>
        context.Set<Consent>().AsNoTracking().Where(c => c.Username == username && c.Purpose == purpose).OrderByDescending(c => c.DecidedAt).ThenByDescending(c => c.Id).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Whether a decision allows processing now: it was given, for the version that is in force where the settings name one.</summary>
    public bool Allows(ConsentPurpose purpose, Consent? decision) =>
        decision is { Decision: ConsentDecision.Given } && (options.Value.VersionOf(purpose) is not { } version || decision.Version == version);

    /// <exception cref="ProblemException">Of kind consent-required.</exception>
    public async Task RequireConsentAsync(string username, ConsentPurpose purpose, string field, CancellationToken cancellationToken = default)
    {
        var decision = await CurrentAsync(username, purpose, cancellationToken);
        if (Allows(purpose, decision))
        {
            return;
        }

        var name = ConsentNames.Of(purpose);
        var why = decision switch
        {
            null => "has not been asked",
            { Decision: ConsentDecision.Withdrawn } => $"has withdrawn it on {decision.DecidedAt:yyyy-MM-dd}",
            _ => $"has given it for version {decision.Version}, and version {options.Value.VersionOf(purpose)} is in force",
        };
        throw ProblemException.ForField(ProblemKind.ConsentRequired, field, "consent", $"This needs the consent '{name}' of the user '{username}', who {why}.");
    }
}
