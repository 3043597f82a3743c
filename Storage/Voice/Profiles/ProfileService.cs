using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Consents;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Voice.Profiles;

/// <summary>Profiles of users.</summary>
public sealed class ProfileService(StoreContext context, RecordStore<UserProfile> store, UserGate gate, AuditTrail audit, IOptions<VoiceOptions> options)
{
    private static readonly SortKey<UserProfile>[] SortKeys =
        [SortKey<UserProfile>.By("createdAt", p => p.Id), SortKey<UserProfile>.By("updatedAt", p => p.UpdatedAt), SortKey<UserProfile>.By("username", p => p.Username)];

    /// <exception cref="ProblemException">Of kind invalid; consent-required; or conflict, where the user has one.</exception>
    public async Task<UserProfile> CreateAsync(ProfileDraft draft, CancellationToken cancellationToken = default)
    {
        RuleErrors.Require(draft, Check);
        await gate.RequireUserAsync(draft.Username!, cancellationToken);
        await RequireConsentAsync(draft, cancellationToken);
        var profile = new UserProfile();
        draft.ApplyTo(profile);
        return await store.CreateAsync(profile, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<UserProfile> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var profile = await store.FindAsync(id, cancellationToken);
        await audit.ReadAsync(VoiceModel.Profiles, [id], cancellationToken: cancellationToken);
        return profile;
    }

    /// <param name="page">Sortable by createdAt, updatedAt and username.</param>
    public async Task<Page<UserProfile>> ListAsync(string? username, string? language, PageRequest page, CancellationToken cancellationToken = default)
    {
        var profiles = await store.ListAsync(query =>
        {
            query = string.IsNullOrEmpty(username) ? query : query.Where(p => p.Username == username);
            return string.IsNullOrEmpty(language) ? query : query.Where(p => p.Language == language);
        }, SortKeys, page, cancellationToken);
        await audit.ReadAsync(VoiceModel.Profiles, [.. profiles.Items.Select(p => p.Id)], cancellationToken: cancellationToken);
        return profiles;
    }

    /// <inheritdoc cref="PatchAsync"/>
    public Task<UserProfile> ReplaceAsync(Guid id, long? expected, ProfileDraft draft, CancellationToken cancellationToken = default) => PatchAsync(id, expected, _ => draft, cancellationToken);

    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid, consent-required or stale.</exception>
    public async Task<UserProfile> PatchAsync(Guid id, long? expected, Func<ProfileDraft, ProfileDraft> change, CancellationToken cancellationToken = default)
    {
        var before = ProfileDraft.Of(await store.FindAsync(id, cancellationToken));
        var after = change(before);
        Immutable.Require("username", before.Username, after.Username);
        RuleErrors.Require(after, Check);
        // Taking something out needs nobody's leave.
        if ((after.Accent, after.Preferences) != (before.Accent, before.Preferences))
        {
            await RequireConsentAsync(after, cancellationToken);
        }

        return await store.UpdateAsync(id, expected, profile =>
        {
            var draft = change(ProfileDraft.Of(profile));
            RuleErrors.Require(draft, Check);
            draft.ApplyTo(profile);
        }, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    private void Check(ProfileDraft draft, Action<string, string, string> report) => draft.Check(options.Value.BoundsOf(context.Tenant!), report);

    private Task RequireConsentAsync(ProfileDraft draft, CancellationToken cancellationToken) => draft.IsPersonal
        ? gate.RequireConsentAsync(draft.Username!, ConsentPurpose.Personalization, draft.Accent is null ? "preferences" : "accent", cancellationToken)
        : Task.CompletedTask;
}
