using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Voice.Consents;

/// <summary>Which decisions; what is null does not filter.</summary>
public sealed record ConsentFilter(string? Username, ConsentPurpose? Purpose, ConsentDecision? Decision)
{
    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => $"voice-consents\u001f{Username}\u001f{Purpose}\u001f{Decision}";

    internal IQueryable<Consent> Apply(IQueryable<Consent> query)
    {
        query = Username is { Length: > 0 } username ? query.Where(c => c.Username == username) : query;
        query = Purpose is { } purpose ? query.Where(c => c.Purpose == purpose) : query;
        return Decision is { } decision ? query.Where(c => c.Decision == decision) : query;
    }
}

/// <summary>Whether processing for a purpose is allowed now.</summary>
/// <param name="Allowed">The answer.</param>
/// <param name="Decision">The decision it follows from; null where there is none.</param>
/// <param name="RequiredVersion">The version that is in force; null: any.</param>
public sealed record ConsentState(string Username, ConsentPurpose Purpose, bool Allowed, Consent? Decision, string? RequiredVersion);

/// <summary>What users have decided.</summary>
public sealed class ConsentService(StoreContext context, RecordStore<Consent> store, UserGate gate, AuditTrail audit, Microsoft.Extensions.Options.IOptions<VoiceOptions> options)
{
    private static readonly SortKey<Consent>[] SortKeys = [SortKey<Consent>.By("createdAt", c => c.Id), SortKey<Consent>.By("decidedAt", c => c.DecidedAt)];

    /// <exception cref="ProblemException">Of kind invalid or conflict.</exception>
    public async Task<Consent> CreateAsync(ConsentDraft draft, CancellationToken cancellationToken = default)
    {
        RuleErrors.Require(draft, (d, report) => d.Check(context.Now(), report));
        await gate.RequireUserAsync(draft.Username!, cancellationToken);
        return await store.CreateAsync(draft.ToConsent(context.Now()), cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<Consent> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var consent = await store.FindAsync(id, cancellationToken);
        await audit.ReadAsync(VoiceModel.Consents, [id], cancellationToken: cancellationToken);
        return consent;
    }

    /// <param name="page">Sortable by createdAt and decidedAt.</param>
    public async Task<Page<Consent>> ListAsync(ConsentFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        var consents = await store.ListAsync(filter.Apply, SortKeys, page, cancellationToken);
        await audit.ReadAsync(VoiceModel.Consents, [.. consents.Items.Select(c => c.Id)], cancellationToken: cancellationToken);
        return consents;
    }

    /// <summary>For whoever is about to process something of a user's.</summary>
    /// <exception cref="ProblemException">Of kind invalid: there is no such user.</exception>
    public async Task<ConsentState> CurrentAsync(string username, ConsentPurpose purpose, CancellationToken cancellationToken = default)
    {
        await gate.RequireUserAsync(username, cancellationToken);
        var decision = await gate.CurrentAsync(username, purpose, cancellationToken);
        if (decision is not null)
        {
            await audit.ReadAsync(VoiceModel.Consents, [decision.Id], cancellationToken: cancellationToken);
        }

        return new ConsentState(username, purpose, gate.Allows(purpose, decision), decision, options.Value.VersionOf(purpose));
    }
}
