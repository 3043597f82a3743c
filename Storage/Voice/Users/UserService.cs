using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Voice.Users;

/// <summary>Users one by one. It works for the tenant of its scope. Failures a caller can mend name the field and the rule.</summary>
public sealed class UserService(StoreContext context, RecordStore<User> store, UserGate gate, AuditTrail audit)
{
    // Nothing by email: the database keeps ciphertext.
    private static readonly SortKey<User>[] SortKeys =
        [SortKey<User>.By("createdAt", u => u.Id), SortKey<User>.By("updatedAt", u => u.UpdatedAt), SortKey<User>.By("username", u => u.Username)];

    /// <exception cref="ProblemException">Of kind invalid; or conflict, where the name is taken or its owner is being erased.</exception>
    public async Task<User> CreateAsync(UserDraft draft, CancellationToken cancellationToken = default)
    {
        var user = draft.ToUser();
        RuleErrors.Require(user, (u, report) => UserRules.Check(u, draft.Roles ?? [], report));
        await gate.RequireNotErasedAsync(user.Username, cancellationToken);
        return await store.CreateAsync(user, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<User> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var user = await store.FindAsync(id, cancellationToken);
        await audit.ReadAsync(VoiceModel.Users, [id], cancellationToken: cancellationToken);
        return user;
    }

    /// <param name="page">Sortable by createdAt, updatedAt and username; its scope is <see cref="UserFilter.Scope"/>.</param>
    public async Task<Page<User>> ListAsync(UserFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        var users = await store.ListAsync(q => filter.Apply(q, context), SortKeys, page, cancellationToken);
        await audit.ReadAsync(VoiceModel.Users, [.. users.Items.Select(u => u.Id)], cancellationToken: cancellationToken);
        return users;
    }

    /// <summary>Makes the user say what the draft says, and nothing else.</summary>
    /// <exception cref="ProblemException">Of kind not-found, invalid, stale or conflict.</exception>
    public Task<User> ReplaceAsync(Guid id, long? expected, UserDraft draft, CancellationToken cancellationToken = default) => PatchAsync(id, expected, _ => draft, cancellationToken);

    /// <summary>Changes parts of a user.</summary>
    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <param name="change">Makes the new draft from the stored one; called again after a lost race.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid, stale or conflict.</exception>
    public Task<User> PatchAsync(Guid id, long? expected, Func<UserDraft, UserDraft> change, CancellationToken cancellationToken = default) => store.UpdateAsync(id, expected, user =>
    {
        var draft = change(UserDraft.Of(user));
        Immutable.Require("username", user.Username, draft.Username);
        draft.ApplyTo(user);
        RuleErrors.Require(user, (u, report) => UserRules.Check(u, draft.Roles ?? [], report));
    }, cancellationToken);

    /// <summary>Deletes the user's own record softly, and frees the name. What else there is of the user stays; see erasure.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }
}
