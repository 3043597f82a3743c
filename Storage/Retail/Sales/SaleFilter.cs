using System.Globalization;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>Which sales; what is null or empty does not filter. Texts match exactly, in their case. No filter looks at a price, which the database cannot read.</summary>
public sealed record SaleFilter
{
    /// <summary>More are refused: each is a parameter of the query.</summary>
    public const int MostProducts = 500;

    public IReadOnlyList<string> Products { get; init; } = [];

    public string? Category { get; init; }

    public string? StoreId { get; init; }

    public string? InvoiceId { get; init; }

    public string? CustomerId { get; init; }

    public string? Currency { get; init; }

    /// <summary>UTC, inclusive. Sales without a date are left out.</summary>
    public DateTime? From { get; init; }

    /// <summary>UTC, exclusive. Sales without a date are left out.</summary>
    public DateTime? Before { get; init; }

    /// <summary>Only those above (or not above) the maximum retail price.</summary>
    public bool? AboveMrp { get; init; }

    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(CultureInfo.InvariantCulture,
        $"sales\u001f{string.Join('\u001e', Products)}\u001f{Category}\u001f{StoreId}\u001f{InvoiceId}\u001f{CustomerId}\u001f{Currency}\u001f{From?.Ticks}\u001f{Before?.Ticks}\u001f{AboveMrp}");

    /// <exception cref="ProblemException">There are more than <see cref="MostProducts"/>.</exception>
    public void RequireFewProducts(string name)
    {
        if (Products.Count > MostProducts)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, name, "range", $"At most {MostProducts} products can be named; there are {Products.Count}.");
        }
    }

    internal IQueryable<Sale> Apply(IQueryable<Sale> query)
    {
        query = Products switch
        {
            [] => query,
            [var only] => query.Where(s => s.ProductId == only),
            _ => query.Where(s => Products.Contains(s.ProductId)),
        };
        query = Category is { Length: > 0 } category ? query.Where(s => s.Category == category) : query;
        query = StoreId is { Length: > 0 } store ? query.Where(s => s.StoreId == store) : query;
        query = InvoiceId is { Length: > 0 } invoice ? query.Where(s => s.InvoiceId == invoice) : query;
        query = CustomerId is { Length: > 0 } customer ? query.Where(s => s.CustomerId == customer) : query;
        query = Currency is { Length: > 0 } currency ? query.Where(s => s.Currency == currency) : query;
        query = From is { } from ? query.Where(s => s.SoldAt >= from) : query;
        query = Before is { } before ? query.Where(s => s.SoldAt < before) : query;
        return AboveMrp is { } above ? query.Where(s => s.AboveMrp == above) : query;
    }
}
