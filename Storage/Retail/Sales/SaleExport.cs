using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>The export source <c>retail.sales</c>.</summary>
public sealed class SaleExport(ImportTargets targets) : ExportSource<Sale>(targets, "retail.sales")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ExportFilter> Filters { get; } =
    [
        new("product", "Exactly this productId; given several times, any of them.", Kind: FilterKind.Texts),
        new("category", "Exactly this category."),
        new("store", "Exactly this storeId."),
        new("invoice", "Exactly this invoiceId."),
        new("customer", "Exactly this customerId.", IsPersonal: true),
        new("currency", "Exactly this currency, as in ISO 4217."),
        .. ExportFilter.Dates,
        new("aboveMrp", "Only sales above (or not above) the maximum retail price.", Kind: FilterKind.Flag),
    ];

    /// <inheritdoc/>
    protected override Func<IQueryable<Sale>, IQueryable<Sale>> Filter(FilterValues values)
    {
        var filter = new SaleFilter
        {
            Products = values.Texts("product"),
            Category = values.Text("category"),
            StoreId = values.Text("store"),
            InvoiceId = values.Text("invoice"),
            CustomerId = values.Text("customer"),
            Currency = values.Text("currency"),
            From = values.From(),
            Before = values.Before(),
            AboveMrp = values.Flag("aboveMrp"),
        };
        filter.RequireFewProducts("product");
        return filter.Apply;
    }
}
