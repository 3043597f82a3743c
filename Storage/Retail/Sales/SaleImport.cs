using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>The import target <c>retail.sales</c>: exports of tills, shops and marketplaces, and price lists.</summary>
public sealed class SaleImport(TimeProvider time) : ImportTarget<Sale>
{
    /// <inheritdoc/>
    public override string Name => "retail.sales";

    /// <inheritdoc/>
    public override bool HasKey => true;

    /// <inheritdoc/>
    public override Action<Sale, string> SetOther { get; } = (s, json) => s.Metadata = json;

    /// <inheritdoc/>
    public override string OtherProperty => nameof(Sale.Metadata);

    /// <summary>A row's amounts are one: half of them new and half of them old would be a price nobody asked.</summary>
    public override IReadOnlyList<string> AlwaysWritten { get; } = [nameof(Sale.Mrp), nameof(Sale.SellingPrice), nameof(Sale.Amount), nameof(Sale.AboveMrp)];

    /// <summary>The names that exports give the fields, the likelier first.</summary>
    public override IReadOnlyList<ImportField<Sale>> TypedFields { get; } =
    [
        ImportField<Sale>.Text("productId", nameof(Sale.ProductId), (s, v) => s.ProductId = Mend(v), s => s.ProductId,
            "stockcode", "sku", "skucode", "skuid", "itemidentifier", "itemcode", "itemid", "itemno", "itemnumber", "productcode", "productkey", "productno", "productsku",
            "articleid", "articleno", "articlecode", "asin", "ean", "gtin", "upc", "barcode") with { Required = true },
        ImportField<Sale>.Text("productName", nameof(Sale.ProductName), (s, v) => s.ProductName = Mend(v), s => s.ProductName,
            "description", "product", "productdescription", "producttitle", "itemname", "itemdescription", "item", "name", "title"),
        ImportField<Sale>.Text("category", nameof(Sale.Category), (s, v) => s.Category = Mend(v), s => s.Category,
            "productcategory", "categoryname", "itemtype", "itemcategory", "productline", "productgroup", "family", "department", "dept"),
        ImportField<Sale>.Text("storeId", nameof(Sale.StoreId), (s, v) => s.StoreId = Mend(v), s => s.StoreId,
            "store", "storecode", "storeno", "storenumber", "storenbr", "storename", "outletidentifier", "outletid", "outlet", "branch", "branchid", "shopid", "shop", "marketplace"),
        ImportField<Sale>.Text("invoiceId", nameof(Sale.InvoiceId), (s, v) => s.InvoiceId = Mend(v), s => s.InvoiceId,
            "invoiceno", "invoicenumber", "invoice", "orderid", "orderno", "ordernumber", "transactionid", "transactionno", "receiptid", "receiptno", "billno", "billnumber", "billid", "saleid"),
        ImportField<Sale>.Text("lineId", nameof(Sale.LineId), (s, v) => s.LineId = Mend(v), s => s.LineId,
            "rowid", "lineno", "linenumber", "lineitemid", "orderitemid", "orderlineid", "index", "srno", "slno", "serialno"),
        ImportField<Sale>.Text("customerId", nameof(Sale.CustomerId), (s, v) => s.CustomerId = v, s => s.CustomerId,
            "customerno", "customernumber", "customercode", "customer", "clientid", "buyerid", "memberid", "loyaltyid"),
        ImportField<Sale>.Decimal("quantity", nameof(Sale.Quantity), (s, v) => s.Quantity = v, s => s.Quantity,
            "qty", "quantitysold", "qtysold", "unitssold", "units", "quantityordered", "orderquantity", "itemquantity", "pcs", "pieces", "noofunits", "numberofunits"),
        ImportField<Sale>.Decimal("mrp", nameof(Sale.Mrp), (s, v) => s.Mrp = v, s => s.Mrp,
            "itemmrp", "maximumretailprice", "maxretailprice", "mrpprice", "mrpinr", "mrprs", "unitmrp", "productmrp", "marketprice") with { IsEncrypted = true },
        ImportField<Sale>.Decimal("sellingPrice", nameof(Sale.SellingPrice), (s, v) => s.SellingPrice = v, s => s.SellingPrice,
            "unitprice", "price", "saleprice", "salesprice", "sellprice", "discountedsellingprice", "discountedprice", "finalprice", "offerprice", "netprice", "priceeach", "priceperunit",
            "unitsellingprice", "sellingpriceinr", "sellingpricers", "priceinr", "pricers", "itemprice", "rate") with { IsEncrypted = true },
        ImportField<Sale>.Decimal("amount", nameof(Sale.Amount), (s, v) => s.Amount = v, s => s.Amount,
            "sales", "totalamount", "lineamount", "linetotal", "total", "totalprice", "salesamount", "saleamount", "netamount", "netsales", "totalsales", "weeklysales", "itemoutletsales",
            "revenue", "totalrevenue", "extendedprice", "grossamount", "grossamt", "amt") with { IsEncrypted = true },
        ImportField<Sale>.Text("currency", nameof(Sale.Currency), (s, v) => s.Currency = v, s => s.Currency, "currencycode", "currencyiso"),
        ImportField<Sale>.Instant("soldAt", nameof(Sale.SoldAt), (s, v) => s.SoldAt = v, s => s.SoldAt,
            "invoicedate", "orderdate", "saledate", "salesdate", "solddate", "datesold", "transactiondate", "purchasedate", "billdate", "datetime", "date") with
        { DateAliases = ["day", "week", "month", "timestamp", "time"] },
        ImportField<Sale>.Text("season", nameof(Sale.Season), (s, v) => s.Season = v, s => s.Season),
        ImportField<Sale>.Json("metadata", nameof(Sale.Metadata), (s, v) => s.Metadata = v, s => s.Metadata, "meta", "additionaldata") with { IsEncrypted = true },
        // In exports of rows whose key cannot be made again from their other columns; a measure, so that no id is derived from it.
        ImportField<Sale>.Text("naturalKey", nameof(Sale.NaturalKey), (s, v) => s.NaturalKey = v, s => s.NaturalKey == SaleKey.Default(s) ? null : s.NaturalKey) with { IsMeasure = true },
    ];

    /// <inheritdoc/>
    public override void Complete(Sale row, string?[]? key)
    {
        SaleDefaults.Fill(row);
        row.NaturalKey = key is not null ? SaleKey.Of(key) : row.NaturalKey.Length > 0 ? row.NaturalKey : SaleKey.Default(row);
    }

    /// <inheritdoc/>
    public override void Check(Sale row, Action<string, string, string> report)
    {
        SaleRules.Check(row, time.GetUtcNow().UtcDateTime, report);
        KeyRules.Check(row.NaturalKey, report);
    }

    /// <inheritdoc/>
    public override bool IsFlagged(Sale row) => row.AboveMrp;

    private static string Mend(string text) => MisreadText.Mend(text);
}
