using System.ComponentModel;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Sales;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Retail;

/// <summary>The filters of sales as query parameters.</summary>
internal readonly record struct SaleQuery(
    [property: FromQuery(Name = "product"), Description("Exactly this productId; given several times, any of them.")] string[]? Products,
    [property: FromQuery(Name = "category"), Description("Exactly this category.")] string? Category,
    [property: FromQuery(Name = "store"), Description("Exactly this storeId.")] string? Store,
    [property: FromQuery(Name = "invoice"), Description("Exactly this invoiceId.")] string? Invoice,
    [property: FromQuery(Name = "customer"), Description("Exactly this customerId.")] string? Customer,
    [property: FromQuery(Name = "currency"), Description("Exactly this currency, as in ISO 4217.")] string? Currency,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To,
    [property: FromQuery(Name = "aboveMrp"), Description("Only sales above (or not above) the maximum retail price.")] bool? AboveMrp)
{
    public SaleFilter ToFilter()
    {
        var filter = new SaleFilter
        {
            Products = [.. (Products ?? []).Where(p => p.Length > 0)],
            Category = Category,
            StoreId = Store,
            InvoiceId = Invoice,
            CustomerId = Customer,
            Currency = Currency,
            From = DateParameter.From(From),
            Before = DateParameter.To(To),
            AboveMrp = AboveMrp,
        };
        filter.RequireFewProducts("product");
        return filter;
    }
}
