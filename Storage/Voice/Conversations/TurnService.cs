using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Audio;
using CloudStore.Storage.Voice.Consents;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Voice.Conversations;

/// <summary>Which turns; what is null does not filter.</summary>
public sealed record TurnFilter(Guid? SessionId, string? Username, TurnRole? Role, string? Intent, DateTime? From, DateTime? Before)
{
    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"voice-turns\u001f{SessionId}\u001f{Username}\u001f{Role}\u001f{Intent}\u001f{From?.Ticks}\u001f{Before?.Ticks}");

    internal IQueryable<Turn> Apply(IQueryable<Turn> query)
    {
        query = SessionId is { } session ? query.Where(t => t.SessionId == session) : query;
        query = Username is { Length: > 0 } username ? query.Where(t => t.Username == username) : query;
        query = Role is { } role ? query.Where(t => t.Role == role) : query;
        query = Intent is { Length: > 0 } intent ? query.Where(t => t.Intent == intent) : query;
        query = From is { } from ? query.Where(t => t.SpokenAt >= from) : query;
        return Before is { } before ? query.Where(t => t.SpokenAt < before) : query;
    }
}

/// <summary>What was said in conversations.</summary>
public sealed class TurnService(StoreContext context, RecordStore<Turn> store, UserGate gate, AuditTrail audit)
{
    private static readonly SortKey<Turn>[] SortKeys =
        [SortKey<Turn>.By("createdAt", t => t.Id), SortKey<Turn>.By("spokenAt", t => t.SpokenAt), SortKey<Turn>.By("number", t => t.Number)];

    /// <summary>Keeps a turn as the session's next. Of two at the same time, each gets a number of its own.</summary>
    /// <exception cref="ProblemException">Of kind invalid; consent-required; or conflict, where the session is over.</exception>
    public async Task<Turn> CreateAsync(TurnDraft draft, CancellationToken cancellationToken = default)
    {
        var turn = new Turn();
        draft.ApplyTo(turn, context.Now());
        RuleErrors.Require(turn, TurnDraft.Check);
        var session = await context.Set<ConversationSession>().AsNoTracking().FirstOrDefaultAsync(s => s.Id == turn.SessionId, cancellationToken)
            ?? throw ProblemException.ForField(ProblemKind.Invalid, "sessionId", "known-session", $"There is no session {turn.SessionId}.");
        turn.Username = session.Username;
        await RequireAsync(turn, cancellationToken);
        return await context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            var now = context.Now();
            // It locks the session's row: whoever adds another turn waits for this one's number. Being spoken in is no change of the session, whose revision stays.
            int open = await context.Set<ConversationSession>().Where(s => s.Id == turn.SessionId && (s.State == SessionState.Active || s.State == SessionState.Waiting))
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.Turns, x => x.Turns + 1).SetProperty(x => x.LastActiveAt, now), ct);
            if (open == 0)
            {
                throw new ProblemException(ProblemKind.Conflict, $"The session {turn.SessionId} is over; nothing is said in it any more.");
            }

            turn.Number = await context.Set<ConversationSession>().Where(s => s.Id == turn.SessionId).Select(s => s.Turns).SingleAsync(ct);
            await store.CreateAsync(turn, ct);
            await transaction.CommitAsync(ct);
            return turn;
        }, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<Turn> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var turn = await store.FindAsync(id, cancellationToken);
        await audit.ReadAsync(VoiceModel.Turns, [id], cancellationToken: cancellationToken);
        return turn;
    }

    /// <param name="page">Sortable by createdAt, spokenAt and number.</param>
    public async Task<Page<Turn>> ListAsync(TurnFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        var turns = await store.ListAsync(filter.Apply, SortKeys, page, cancellationToken);
        await audit.ReadAsync(VoiceModel.Turns, [.. turns.Items.Select(t => t.Id)], cancellationToken: cancellationToken);
        return turns;
    }

    /// <inheritdoc cref="PatchAsync"/>
    public Task<Turn> ReplaceAsync(Guid id, long? expected, TurnDraft draft, CancellationToken cancellationToken = default) => PatchAsync(id, expected, _ => draft, cancellationToken);

    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid, consent-required or stale.</exception>
    public async Task<Turn> PatchAsync(Guid id, long? expected, Func<TurnDraft, TurnDraft> change, CancellationToken cancellationToken = default)
    {
        var stored = await store.FindAsync(id, cancellationToken);
        var (before, after) = (TurnDraft.Of(stored), change(TurnDraft.Of(stored)));
        Immutable.Require("sessionId", before.SessionId, after.SessionId);
        after.ApplyTo(stored, context.Now());
        RuleErrors.Require(stored, TurnDraft.Check);
        if (after.Text != before.Text || after.AudioFileId != before.AudioFileId)
        {
            await RequireAsync(stored, cancellationToken);
        }

        return await store.UpdateAsync(id, expected, turn =>
        {
            change(TurnDraft.Of(turn)).ApplyTo(turn, context.Now());
            RuleErrors.Require(turn, TurnDraft.Check);
        }, cancellationToken);
    }

    /// <summary>Deletes softly; the other turns keep their numbers.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    private async Task RequireAsync(Turn turn, CancellationToken cancellationToken)
    {
        await gate.RequireUserAsync(turn.Username, cancellationToken);
        await gate.RequireConsentAsync(turn.Username, ConsentPurpose.Conversation, "text", cancellationToken);
        if (turn.AudioFileId is { } audio && !await context.Set<AudioFile>().AnyAsync(a => a.Id == audio && a.Username == turn.Username, cancellationToken))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "audioFileId", "known-audio-file", $"There is no audio file {audio} of the user '{turn.Username}'.");
        }
    }
}
