using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Direct;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Finds the events that the log has not taken yet, each once, however late its transaction commits. Sequences are given before a transaction ends, so one that took an
/// early number may commit last: numbers that were passed over are looked for again until no transaction is left that could still bring them.
/// </summary>
internal sealed class AuditReader
{
    // A jump that wide is no transaction in progress: somebody has set the sequence.
    private const long MostGap = 1_000_000;
    private readonly SortedSet<long> _gaps = [];
    private long _high;
    private (long Sequence, HashSet<string> Writers, long Size)? _round;

    private AuditReader(long watermark, long scanFrom) => (Watermark, ScanFrom, _high) = (watermark, scanFrom, watermark);

    /// <summary>No event up to this sequence is still to come.</summary>
    public long Watermark { get; private set; }

    /// <summary>Where in the log the events behind the watermark begin.</summary>
    public long ScanFrom { get; private set; }

    /// <summary>The highest sequence that was read, or can no longer come.</summary>
    public long High => _high;

    /// <summary>The sequences below that which may still come.</summary>
    public IEnumerable<long> Gaps => _gaps;

    /// <param name="state">Where reading stood.</param>
    /// <param name="logged">The events that the log holds from the state's <see cref="AuditLogState.ScanFrom"/> on.</param>
    public static AuditReader Resume(AuditLogState state, IEnumerable<AuditEvent> logged)
    {
        var reader = new AuditReader(state.Watermark, state.ScanFrom);
        foreach (var e in logged.Where(e => e.Sequence > state.Watermark).OrderBy(e => e.Sequence))
        {
            reader.Pass(e.Sequence);
        }

        return reader;
    }

    /// <summary>To be called before <see cref="ReadAsync"/>: who is writing events at this moment, and up to which number they may have got.</summary>
    /// <param name="context">One without a tenant.</param>
    /// <param name="size">The log's.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task LookAsync(StoreContext context, long size, CancellationToken cancellationToken)
    {
        if (context.Dialect == StoreDialect.Sqlite)
        {
            // One transaction writes at a time there, so that what is committed has the lowest numbers.
            return;
        }

        if (_round is null)
        {
            // First the number, then the writers: whoever took a number up to it holds the table's lock, or has ended.
            long given = await context.Database.SqlQuery<long>($"SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'sequence')), 0) AS \"Value\"").SingleAsync(cancellationToken);
            _round = (given, await WritersAsync(context, cancellationToken), size);
        }
        else
        {
            _round.Value.Writers.IntersectWith(await WritersAsync(context, cancellationToken));
        }
    }

    /// <summary>The next events that are committed and were not read before, in the order of their sequences.</summary>
    /// <param name="context">One without a tenant.</param>
    /// <param name="most">At most so many. Where there are fewer, all are read that were committed when <see cref="LookAsync"/> was called.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<List<AuditEvent>> ReadAsync(StoreContext context, int most, CancellationToken cancellationToken)
    {
        var events = new List<AuditEvent>();
        if (_gaps.Count > 0)
        {
            var gaps = _gaps.ToArray();
            events.AddRange(await context.ReadRowsAsync(context.Set<AuditEvent>().Where(e => gaps.Contains(e.Sequence)).OrderBy(e => e.Sequence), 0, cancellationToken));
        }

        long high = _high;
        var newer = context.Set<AuditEvent>().Where(e => e.Sequence > high).OrderBy(e => e.Sequence).Take(Math.Max(0, most - events.Count));
        events.AddRange(await context.ReadRowsAsync(newer, 0, cancellationToken));
        return events;
    }

    /// <summary>The events were taken.</summary>
    /// <param name="context">Whose database it is.</param>
    /// <param name="events">What <see cref="ReadAsync"/> gave.</param>
    /// <param name="all">True where nothing more is to be read in this round.</param>
    /// <param name="size">The log's, with the events.</param>
    public void Took(StoreContext context, List<AuditEvent> events, bool all, long size)
    {
        foreach (var e in events)
        {
            Pass(e.Sequence);
        }

        if (context.Dialect == StoreDialect.Sqlite)
        {
            (Watermark, ScanFrom) = (_high, size);
            _gaps.Clear();
        }
        else if (all && _round is { Writers.Count: 0 } round)
        {
            _round = null;
            _gaps.RemoveWhere(g => g <= round.Sequence);
            (Watermark, ScanFrom) = (Math.Max(Watermark, round.Sequence), round.Size);
            _high = Math.Max(_high, Watermark);
        }
    }

    private void Pass(long sequence)
    {
        _gaps.Remove(sequence);
        for (long gap = Math.Max(_high + 1, sequence - MostGap); gap < sequence; gap++)
        {
            _gaps.Add(gap);
        }

        _high = Math.Max(_high, sequence);
    }

    // Each insert holds this lock from before it takes a number until its transaction has ended and can be seen.
    private static async Task<HashSet<string>> WritersAsync(StoreContext context, CancellationToken cancellationToken) =>
        [.. await context.Database.SqlQuery<string>($"""
            SELECT virtualtransaction AS "Value" FROM pg_locks
            WHERE locktype = 'relation' AND relation = 'audit_events'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
            """).ToListAsync(cancellationToken)];
}
