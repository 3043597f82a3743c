using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Campaigns;

/// <summary>Many campaigns at once, through the bulk writer.</summary>
public sealed class CampaignBulk(StoreContext context)
{
    public const int MostRows = 10_000;
    private const int KeysAtOnce = 500;

    /// <summary>Stores all of the campaigns or none.</summary>
    /// <param name="drafts">1 to 10,000.</param>
    /// <param name="onConflict">What happens where a campaign of that key exists, or is in the batch already; Reject refuses the batch.</param>
    /// <param name="cancellationToken">Cancels; nothing is stored then.</param>
    /// <exception cref="ProblemException">Of kind invalid or conflict; fields are named by row, e.g. <c>[3].impressions</c>.</exception>
    public async Task<BatchResult> CreateManyAsync(IReadOnlyList<CampaignDraft> drafts, ConflictMode onConflict = ConflictMode.Reject, CancellationToken cancellationToken = default)
    {
        if (drafts.Count is 0 or > MostRows)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "items", "range", $"A batch has 1 to {MostRows} items; this one has {drafts.Count}.");
        }

        var rows = Check(drafts);
        var writer = new BulkWriter<Campaign>(context);
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

    /// <summary>Loads rows of any number in batches of 10,000; what breaks a rule is left out and reported, and never stops the others.</summary>
    /// <param name="rows">Read once, as they are needed.</param>
    /// <param name="onConflict">What happens where a campaign of that key exists.</param>
    /// <param name="cancellationToken">Cancels; batches stored before stay.</param>
    public async Task<RowImportResult> ImportAsync(IEnumerable<CampaignDraft> rows, ConflictMode onConflict = ConflictMode.Update, CancellationToken cancellationToken = default)
    {
        var writer = new BulkWriter<Campaign>(context);
        var errors = new RuleErrors();
        var rejected = new List<RejectedDraft>();
        long inserted = 0, updated = 0, skipped = 0;
        int first = 0;
        foreach (var drafts in rows.Chunk(MostRows))
        {
            var good = new List<Campaign>(drafts.Length);
            var places = new List<int>(drafts.Length);
            for (int i = 0; i < drafts.Length; i++)
            {
                var row = drafts[i].ToCampaign();
                CampaignRules.Check(row, errors.Report);
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
            rejected.AddRange(result.Rejected.Select(i => new RejectedDraft(places[i], [Taken(good[i], "campaignId")])));
            first += drafts.Length;
        }

        rejected.Sort((a, b) => a.Index.CompareTo(b.Index));
        return new RowImportResult(inserted, updated, skipped, rejected);
    }

    private static Campaign[] Check(IReadOnlyList<CampaignDraft> drafts)
    {
        var rows = new Campaign[drafts.Count];
        var errors = new RuleErrors();
        for (int i = 0; i < rows.Length; i++)
        {
            errors.AtRow(i);
            if (drafts[i] is not { } draft)
            {
                errors.Report("campaignId", "required", "The item is null.");
                continue;
            }

            rows[i] = draft.ToCampaign();
            CampaignRules.Check(rows[i], errors.Report);
        }

        errors.ThrowIfAny();
        return rows;
    }

    private static ProblemException Taken(Campaign[] rows, IReadOnlyList<int> rejected)
    {
        var errors = rejected.Take(RuleErrors.MostListed).Select(i => Taken(rows[i], $"[{i}].campaignId")).ToList();
        return new ProblemException(ProblemKind.Conflict, $"{rejected.Count} of {rows.Length} items have a key that exists or is in the batch twice; nothing was stored.", errors);
    }

    private static ProblemError Taken(Campaign row, string field) => new(field, "unique", $"A record with the key '{row.NaturalKey}' exists.");

    private Task<BulkResult> InTransactionAsync(Func<CancellationToken, Task<BulkResult>> write, CancellationToken cancellationToken) =>
        context.Database.CurrentTransaction is not null ? write(cancellationToken) : context.Database.CreateExecutionStrategy().ExecuteAsync(
            async ct =>
            {
                await using var transaction = await context.Database.BeginTransactionAsync(ct);
                var result = await write(ct);
                await transaction.CommitAsync(ct);
                return result;
            },
            cancellationToken);

    // Rows that met a stored record got a new id in vain; the answer names the stored one's.
    private async Task SetStoredIdsAsync(Campaign[] rows, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, Guid>(rows.Length, StringComparer.Ordinal);
        foreach (var part in rows.Select(r => r.NaturalKey).Distinct(StringComparer.Ordinal).Chunk(KeysAtOnce))
        {
            var found = await context.Set<Campaign>().AsNoTracking().Where(c => part.Contains(c.NaturalKey)).Select(c => new { c.NaturalKey, c.Id }).ToListAsync(cancellationToken);
            found.ForEach(f => ids[f.NaturalKey] = f.Id);
        }

        foreach (var row in rows)
        {
            row.Id = ids.GetValueOrDefault(row.NaturalKey, row.Id);
        }
    }
}
