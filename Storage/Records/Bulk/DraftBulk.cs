using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Rules;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>Many records at once from what callers say about them, through the bulk writer. An area derives its own.</summary>
/// <typeparam name="T">The record; it has a natural key.</typeparam>
/// <typeparam name="TDraft">What a caller says about one.</typeparam>
public abstract class DraftBulk<T, TDraft>(StoreContext context)
    where T : Record
    where TDraft : class
{
    public const int MostRows = 10_000;
    private const int KeysAtOnce = 500;

    /// <summary>The field that is named where a key is taken.</summary>
    protected abstract string KeyField { get; }

    /// <summary>Stores all of the records or none.</summary>
    /// <param name="drafts">1 to 10,000.</param>
    /// <param name="onConflict">What happens where a record of that key exists, or is in the batch already; Reject refuses the batch.</param>
    /// <param name="cancellationToken">Cancels; nothing is stored then.</param>
    /// <exception cref="ProblemException">Of kind invalid or conflict; fields are named by row, e.g. <c>[3].quantity</c>.</exception>
    public async Task<BatchResult> CreateManyAsync(IReadOnlyList<TDraft> drafts, ConflictMode onConflict = ConflictMode.Reject, CancellationToken cancellationToken = default)
    {
        var rows = CheckAll(drafts);
        var writer = new BulkWriter<T>(context);
        var result = await InTransactionAsync(
            async ct =>
            {
                var written = await writer.WriteAsync(rows, onConflict, null, ct);
                return written.Rejected.Count == 0 ? written : throw Taken(rows, written.Rejected);
            },
            cancellationToken);
        if (result.Updated + result.Skipped > 0)
        {
            await SetStoredIdsAsync(rows, cancellationToken);
        }

        return new BatchResult(result.Inserted, result.Updated, result.Skipped, Array.ConvertAll(rows, r => r.Id));
    }

    /// <summary>Checks what can be checked without the database.</summary>
    /// <exception cref="ProblemException">Of kind invalid; fields are named by row, e.g. <c>[3].quantity</c>.</exception>
    public void Require(IReadOnlyList<TDraft> drafts) => CheckAll(drafts);

    /// <summary>Loads rows of any number in batches of 10,000; what breaks a rule is left out and reported, and never stops the others.</summary>
    /// <param name="rows">Read once, as they are needed.</param>
    /// <param name="onConflict">What happens where a record of that key exists.</param>
    /// <param name="cancellationToken">Cancels; batches stored before stay.</param>
    public async Task<RowImportResult> ImportAsync(IEnumerable<TDraft> rows, ConflictMode onConflict = ConflictMode.Update, CancellationToken cancellationToken = default)
    {
        var writer = new BulkWriter<T>(context);
        var errors = new RuleErrors();
        var rejected = new List<RejectedDraft>();
        long inserted = 0, updated = 0, skipped = 0;
        int first = 0;
        foreach (var drafts in rows.Chunk(MostRows))
        {
            var good = new List<T>(drafts.Length);
            var places = new List<int>(drafts.Length);
            for (int i = 0; i < drafts.Length; i++)
            {
                var row = Make(drafts[i]);
                Check(row, errors.Report);
                if (errors.Errors.Count > 0)
                {
                    rejected.Add(new RejectedDraft(first + i, [.. errors.Errors]));
                    errors.Clear();
                    continue;
                }

                good.Add(row);
                places.Add(first + i);
            }

            var result = await writer.WriteAsync(good, onConflict, null, cancellationToken);
            (inserted, updated, skipped) = (inserted + result.Inserted, updated + result.Updated, skipped + result.Skipped);
            rejected.AddRange(result.Rejected.Select(i => new RejectedDraft(places[i], [Taken(good[i], KeyField)])));
            first += drafts.Length;
        }

        rejected.Sort((a, b) => a.Index.CompareTo(b.Index));
        return new RowImportResult(inserted, updated, skipped, rejected);
    }

    /// <summary>A new record with its key and defaults; not checked.</summary>
    protected abstract T Make(TDraft draft);

    /// <summary>Reports every rule the record breaks.</summary>
    protected abstract void Check(T row, Action<string, string, string> report);

    /// <summary>The record's natural key.</summary>
    protected abstract string KeyOf(T row);

    private T[] CheckAll(IReadOnlyList<TDraft> drafts)
    {
        if (drafts.Count is 0 or > MostRows)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "items", "range", $"A batch has 1 to {MostRows} items; this one has {drafts.Count}.");
        }

        var rows = new T[drafts.Count];
        var errors = new RuleErrors();
        for (int i = 0; i < rows.Length; i++)
        {
            errors.AtRow(i);
            if (drafts[i] is not { } draft)
            {
                errors.Report(KeyField, "required", "The item is null.");
                continue;
            }

            rows[i] = Make(draft);
            Check(rows[i], errors.Report);
        }

        errors.ThrowIfAny();
        return rows;
    }

    private ProblemException Taken(T[] rows, IReadOnlyList<int> rejected)
    {
        var errors = rejected.Take(RuleErrors.MostListed).Select(i => Taken(rows[i], $"[{i}].{KeyField}")).ToList();
        return new ProblemException(ProblemKind.Conflict, $"{rejected.Count} of {rows.Length} items have a key that exists or is in the batch twice; nothing was stored.", errors);
    }

    private ProblemError Taken(T row, string field) => new(field, "unique", $"A record with the key '{KeyOf(row)}' exists.");

    private Task<BulkResult> InTransactionAsync(Func<CancellationToken, Task<BulkResult>> write, CancellationToken cancellationToken) =>
        context.Database.CurrentTransaction is not null ? write(cancellationToken) : context.TransactAsync(write, cancellationToken);

    // Rows that met a stored record got a new id in vain; the answer names the stored one's.
    private async Task SetStoredIdsAsync(T[] rows, CancellationToken cancellationToken)
    {
        var property = (string)context.Model.FindEntityType(typeof(T))!.FindAnnotation(ModelConventions.NaturalKeyAnnotation)!.Value!;
        var ids = new Dictionary<string, Guid>(rows.Length, StringComparer.Ordinal);
        foreach (var part in rows.Select(KeyOf).Distinct(StringComparer.Ordinal).Chunk(KeysAtOnce))
        {
            var found = await context.Set<T>().AsNoTracking().Where(r => part.Contains(EF.Property<string>(r, property)))
                .Select(r => new { Key = EF.Property<string>(r, property), r.Id }).ToListAsync(cancellationToken);
            found.ForEach(f => ids[f.Key] = f.Id);
        }

        foreach (var row in rows)
        {
            row.Id = ids.GetValueOrDefault(KeyOf(row), row.Id);
        }
    }
}
