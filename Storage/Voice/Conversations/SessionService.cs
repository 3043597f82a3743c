using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Consents;

namespace CloudStore.Storage.Voice.Conversations;

/// <summary>Which sessions; what is null does not filter.</summary>
public sealed record SessionFilter(string? Username, SessionState? State, string? Language, DateTime? From, DateTime? Before)
{
    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"voice-sessions\u001f{Username}\u001f{State}\u001f{Language}\u001f{From?.Ticks}\u001f{Before?.Ticks}");

    internal IQueryable<ConversationSession> Apply(IQueryable<ConversationSession> query)
    {
        query = Username is { Length: > 0 } username ? query.Where(s => s.Username == username) : query;
        query = State is { } state ? query.Where(s => s.State == state) : query;
        query = Language is { Length: > 0 } language ? query.Where(s => s.Language == language) : query;
        query = From is { } from ? query.Where(s => s.StartedAt >= from) : query;
        return Before is { } before ? query.Where(s => s.StartedAt < before) : query;
    }
}

/// <summary>Conversations of users.</summary>
public sealed class SessionService(StoreContext context, RecordStore<ConversationSession> store, UserGate gate, AuditTrail audit)
{
    private static readonly SortKey<ConversationSession>[] SortKeys =
        [SortKey<ConversationSession>.By("createdAt", s => s.Id), SortKey<ConversationSession>.By("updatedAt", s => s.UpdatedAt), SortKey<ConversationSession>.By("startedAt", s => s.StartedAt)];

    /// <exception cref="ProblemException">Of kind invalid, consent-required or conflict.</exception>
    public async Task<ConversationSession> CreateAsync(SessionDraft draft, CancellationToken cancellationToken = default)
    {
        var session = new ConversationSession();
        draft.ApplyTo(session, context.Now());
        RuleErrors.Require(session, SessionDraft.Check);
        await gate.RequireUserAsync(session.Username, cancellationToken);
        await RequireConsentAsync(draft, cancellationToken);
        return await store.CreateAsync(session, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<ConversationSession> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var session = await store.FindAsync(id, cancellationToken);
        await audit.ReadAsync(VoiceModel.Sessions, [id], cancellationToken: cancellationToken);
        return session;
    }

    /// <param name="page">Sortable by createdAt, updatedAt and startedAt.</param>
    public async Task<Page<ConversationSession>> ListAsync(SessionFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        var sessions = await store.ListAsync(filter.Apply, SortKeys, page, cancellationToken);
        await audit.ReadAsync(VoiceModel.Sessions, [.. sessions.Items.Select(s => s.Id)], cancellationToken: cancellationToken);
        return sessions;
    }

    /// <inheritdoc cref="PatchAsync"/>
    public Task<ConversationSession> ReplaceAsync(Guid id, long? expected, SessionDraft draft, CancellationToken cancellationToken = default) => PatchAsync(id, expected, _ => draft, cancellationToken);

    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid, consent-required or stale.</exception>
    public async Task<ConversationSession> PatchAsync(Guid id, long? expected, Func<SessionDraft, SessionDraft> change, CancellationToken cancellationToken = default)
    {
        var before = SessionDraft.Of(await store.FindAsync(id, cancellationToken));
        var after = change(before);
        Immutable.Require("username", before.Username, after.Username);
        if (after.Context != before.Context)
        {
            await RequireConsentAsync(after, cancellationToken);
        }

        return await store.UpdateAsync(id, expected, session =>
        {
            var stored = SessionDraft.Of(session);
            var draft = change(stored);
            // A session that goes on again has not ended, unless the caller says when it did.
            draft = draft.State != stored.State && draft.EndedAt == stored.EndedAt ? draft with { EndedAt = null } : draft;
            (draft with { StartedAt = draft.StartedAt ?? stored.StartedAt }).ApplyTo(session, context.Now());
            RuleErrors.Require(session, SessionDraft.Check);
        }, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    private Task RequireConsentAsync(SessionDraft draft, CancellationToken cancellationToken) =>
        draft.Context is null ? Task.CompletedTask : gate.RequireConsentAsync(draft.Username!, ConsentPurpose.Conversation, "context", cancellationToken);
}
