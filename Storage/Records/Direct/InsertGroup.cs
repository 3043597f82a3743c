using CloudStore.Storage.Protection.Audit;

namespace CloudStore.Storage.Records.Direct;

/// <summary>
/// Adds records that are asked for at the same time in one transaction, as databases commit in groups: one round trip and one flush of their log instead of one for
/// each. Nobody waits for others to come: a record that meets no running transaction has one of its own, and those that arrive meanwhile share the next.
/// </summary>
/// <remarks>
/// A record shares no failure. Where a shared transaction fails nothing of it is stored, and each of its records is added again by itself.
/// </remarks>
internal sealed class InsertGroup<T>
    where T : Record
{
    // More make a transaction that holds its locks for long, and gain nothing measurable.
    private const int Most = 64;

    private readonly Lock _lock = new();
    private readonly LinkedList<Member> _waiting = [];
    private bool _running;

    /// <summary>How many records wait for the running transaction's end.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    private enum Outcome
    {
        Stored,
        Leads,
        StandsAlone,
    }

    /// <param name="context">The caller's; used where the caller leads a transaction.</param>
    /// <param name="record">A stamped one.</param>
    /// <param name="audit">Its event; null for a type that is not audited.</param>
    /// <param name="cancellationToken">Cancels while the record waits for its turn; what is being stored is stored.</param>
    public async Task AddAsync(StoreContext context, T record, AuditEvent? audit, CancellationToken cancellationToken)
    {
        var member = new Member(record, audit);
        var outcome = Join(member) ? Outcome.Leads : await TurnAsync(member, cancellationToken);
        if (outcome == Outcome.Leads)
        {
            outcome = await LeadAsync(context, member, cancellationToken);
        }

        if (outcome == Outcome.StandsAlone)
        {
            await context.InsertAloneAsync(record, audit, cancellationToken);
        }
    }

    // True: nothing is running, and the member may go at once.
    private bool Join(Member member)
    {
        lock (_lock)
        {
            if (!_running)
            {
                return _running = true;
            }

            _waiting.AddLast(member.Place);
            return false;
        }
    }

    private async Task<Outcome> TurnAsync(Member member, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            (_, ct) =>
            {
                lock (_lock)
                {
                    if (member.Place.List is null)
                    {
                        return;
                    }

                    _waiting.Remove(member.Place);
                }

                member.Turn.TrySetCanceled(ct);
            },
            null);
        return await member.Turn.Task;
    }

    private async Task<Outcome> LeadAsync(StoreContext context, Member leader, CancellationToken cancellationToken)
    {
        try
        {
            if (leader.Led is not { Count: > 1 } members)
            {
                await context.InsertAloneAsync(leader.Record, leader.Audit, cancellationToken);
                return Outcome.Stored;
            }

            return await StoreAsync(context, members);
        }
        finally
        {
            Next();
        }
    }

    // Not cancelled with the leader's caller: the others' records do not depend on whether that one is still there.
    private static async Task<Outcome> StoreAsync(StoreContext context, List<Member> members)
    {
        try
        {
            await context.InsertTogetherAsync([.. members.Select(m => (m.Record, m.Audit))], CancellationToken.None);
            End(members, Outcome.Stored);
            return Outcome.Stored;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whose record it was is found out, and told to whom it belongs, when each is added by itself.
            End(members, Outcome.StandsAlone);
            return Outcome.StandsAlone;
        }
    }

    private static void End(List<Member> members, Outcome outcome)
    {
        foreach (var member in members)
        {
            member.Turn.TrySetResult(outcome);
        }
    }

    private void Next()
    {
        Member leader;
        lock (_lock)
        {
            if (_waiting.First is not { } first)
            {
                _running = false;
                return;
            }

            leader = first.Value;
            leader.Led = new List<Member>(Math.Min(Most, _waiting.Count));
            while (_waiting.First is { } next && leader.Led.Count < Most)
            {
                _waiting.RemoveFirst();
                leader.Led.Add(next.Value);
            }
        }

        leader.Turn.TrySetResult(Outcome.Leads);
    }

    private sealed class Member
    {
        public Member(T record, AuditEvent? audit)
        {
            (Record, Audit) = (record, audit);
            Place = new LinkedListNode<Member>(this);
        }

        public T Record { get; }

        public AuditEvent? Audit { get; }

        public LinkedListNode<Member> Place { get; }

        /// <summary>Those it stores together with itself, when it leads.</summary>
        public List<Member>? Led { get; set; }

        public TaskCompletionSource<Outcome> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
