using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Retail.Reading;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>Sales one by one and in batches. It works for the tenant of its scope. Failures a caller can mend name the field and the rule.</summary>
public sealed class SaleService(StoreContext context, RecordStore<Sale> store, SaleBulk bulk, AuditTrail audit)
{
    // Nothing by price: the database keeps ciphertext.
    private static readonly SortKey<Sale>[] SortKeys =
    [
        SortKey<Sale>.By("createdAt", s => s.Id),
        SortKey<Sale>.By("updatedAt", s => s.UpdatedAt),
        SortKey<Sale>.By("soldAt", s => s.SoldAt),
        SortKey<Sale>.By("productId", s => s.ProductId),
        SortKey<Sale>.By("quantity", s => s.Quantity),
    ];

    /// <exception cref="ProblemException">Of kind invalid; or conflict, where a sale with its key exists.</exception>
    public Task<Sale> CreateAsync(SaleDraft draft, CancellationToken cancellationToken = default)
    {
        var sale = draft.ToSale();
        RuleErrors.Require(sale, Check);
        return store.CreateAsync(sale, cancellationToken);
    }

    /// <summary>Checks what can be checked without the database.</summary>
    /// <exception cref="ProblemException">Of kind invalid.</exception>
    public void Require(SaleDraft draft) => RuleErrors.Require(draft.ToSale(), Check);

    /// <inheritdoc cref="DraftBulk{T, TDraft}.Require"/>
    public void Require(IReadOnlyList<SaleDraft> drafts) => bulk.Require(drafts);

    /// <inheritdoc cref="DraftBulk{T, TDraft}.CreateManyAsync"/>
    public Task<BatchResult> CreateManyAsync(IReadOnlyList<SaleDraft> drafts, ConflictMode onConflict = ConflictMode.Reject, CancellationToken cancellationToken = default) =>
        bulk.CreateManyAsync(drafts, onConflict, cancellationToken);

    /// <inheritdoc cref="DraftBulk{T, TDraft}.ImportAsync"/>
    public Task<RowImportResult> ImportAsync(IEnumerable<SaleDraft> rows, ConflictMode onConflict = ConflictMode.Update, CancellationToken cancellationToken = default) =>
        bulk.ImportAsync(rows, onConflict, cancellationToken);

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<Sale> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var sale = await store.FindAsync(id, cancellationToken);
        await audit.ReadAsync(SaleReader.Table, [id], cancellationToken: cancellationToken);
        return sale;
    }

    /// <param name="filter">Which.</param>
    /// <param name="page">Sortable by createdAt, updatedAt, soldAt, productId and quantity; its scope is <see cref="SaleFilter.Scope"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Page<Sale>> ListAsync(SaleFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        var sales = await store.ListAsync(filter.Apply, SortKeys, page, cancellationToken);
        await audit.ReadAsync(SaleReader.Table, [.. sales.Items.Select(s => s.Id)], cancellationToken: cancellationToken);
        return sales;
    }

    /// <summary>Makes the sale say what the draft says, and nothing else.</summary>
    /// <exception cref="ProblemException">Of kind not-found, invalid, stale or conflict.</exception>
    public Task<Sale> ReplaceAsync(Guid id, long? expected, SaleDraft draft, CancellationToken cancellationToken = default) =>
        PatchAsync(id, expected, _ => draft, cancellationToken);

    /// <summary>Changes parts of a sale.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <param name="change">Makes the new draft from the stored one; called again after a lost race.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid, stale or conflict.</exception>
    public Task<Sale> PatchAsync(Guid id, long? expected, Func<SaleDraft, SaleDraft> change, CancellationToken cancellationToken = default) =>
        store.UpdateAsync(
            id,
            expected,
            sale =>
            {
                change(SaleDraft.Of(sale)).ApplyTo(sale);
                RuleErrors.Require(sale, Check);
            },
            cancellationToken);

    /// <summary>Deletes softly; the key is free again.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    private void Check(Sale sale, Action<string, string, string> report) => SaleRules.Check(sale, context.Now(), report);
}
