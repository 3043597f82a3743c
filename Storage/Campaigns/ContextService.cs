using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Campaigns;

/// <summary>The business context of campaigns, version by version.</summary>
public sealed class ContextService(RecordStore<CampaignContext> store, RecordStore<Campaign> campaigns)
{
    private const int Attempts = 5;
    private static readonly SortKey<CampaignContext>[] SortKeys = [SortKey<CampaignContext>.By("version", c => (long)c.Version)];

    /// <summary>Adds the next version. Of two callers at once both succeed, one after the other.</summary>
    /// <param name="campaign">Whose.</param>
    /// <param name="expected">The version the caller has seen (0 for none), or null to add behind whatever is there.</param>
    /// <param name="draft">The content.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">Of kind not-found (the campaign), invalid or stale.</exception>
    public async Task<CampaignContext> AddAsync(Guid campaign, long? expected, ContextDraft draft, CancellationToken cancellationToken = default)
    {
        RuleErrors.Require(new CampaignContext { Content = draft.Content, Note = draft.Note }, ContextRules.Check);
        await campaigns.FindAsync(campaign, cancellationToken);
        for (int attempt = 1; ; attempt++)
        {
            int newest = await store.Query.Where(c => c.CampaignRef == campaign).MaxAsync(c => (int?)c.Version, cancellationToken) ?? 0;
            if (expected is not null && expected != newest)
            {
                throw new ProblemException(ProblemKind.Stale, $"The newest context is version {newest}, not {expected}; read it again and repeat the change.");
            }

            try
            {
                // The unique index on the version lets one of two through; the other takes the next number.
                return await store.CreateAsync(new CampaignContext { CampaignRef = campaign, Version = newest + 1, Content = draft.Content, Note = draft.Note }, cancellationToken);
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.Conflict && attempt < Attempts)
            {
                // Somebody else had the number first.
            }
        }
    }

    /// <param name="version">Null for the newest.</param>
    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<CampaignContext> GetAsync(Guid campaign, int? version, CancellationToken cancellationToken = default)
    {
        await campaigns.FindAsync(campaign, cancellationToken);
        var versions = store.Query.Where(c => c.CampaignRef == campaign);
        var found = version is null
            ? await versions.OrderByDescending(c => c.Version).FirstOrDefaultAsync(cancellationToken)
            : await versions.FirstOrDefaultAsync(c => c.Version == version, cancellationToken);
        return found ?? throw new ProblemException(ProblemKind.NotFound,
            version is null ? $"The campaign {campaign} has no context yet." : $"The context of campaign {campaign} has no version {version}.");
    }

    /// <exception cref="ProblemException">Of kind not-found, or the page request is not valid.</exception>
    public async Task<Page<CampaignContext>> ListAsync(Guid campaign, PageRequest page, CancellationToken cancellationToken = default)
    {
        await campaigns.FindAsync(campaign, cancellationToken);
        return await store.ListAsync(query => query.Where(c => c.CampaignRef == campaign), SortKeys, page, cancellationToken);
    }
}
