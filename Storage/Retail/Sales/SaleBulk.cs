using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>Many sales at once, through the bulk writer.</summary>
public sealed class SaleBulk(StoreContext context) : DraftBulk<Sale, SaleDraft>(context)
{
    private readonly StoreContext _context = context;

    /// <inheritdoc/>
    protected override string KeyField => "invoiceId";

    /// <inheritdoc/>
    protected override Sale Make(SaleDraft draft) => draft.ToSale();

    /// <inheritdoc/>
    protected override void Check(Sale row, Action<string, string, string> report) => SaleRules.Check(row, _context.Now(), report);

    /// <inheritdoc/>
    protected override string KeyOf(Sale row) => row.NaturalKey;
}
