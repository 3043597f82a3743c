using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Compliance;

/// <summary>
/// Checks that nothing was sold above its printed price: India's Legal Metrology (Packaged Commodities) Rules, 2011, rule 18(2). The prices themselves are compared, sale by
/// sale, not the flag that was set when the sale was stored.
/// </summary>
public sealed class ComplianceService(StoreContext context, RecordStore<ComplianceResult> store, SaleReader reader)
{
    /// <summary>The rule that is checked.</summary>
    public const string Rule = "IN Legal Metrology (Packaged Commodities) Rules 2011, 18(2)";

    /// <summary>Products with a result of their own, those with the most violations first.</summary>
    public const int MostProducts = 1_000;

    private static readonly SortKey<ComplianceResult>[] SortKeys =
        [SortKey<ComplianceResult>.By("createdAt", r => r.Id), SortKey<ComplianceResult>.By("violationCount", r => r.ViolationCount)];

    /// <summary>Checks the sales of a filter and stores what it found.</summary>
    /// <returns>The result for all of them, and behind it those of products that were sold above their printed price.</returns>
    public async Task<IReadOnlyList<ComplianceResult>> CheckAsync(SaleFilter filter, CancellationToken cancellationToken = default)
    {
        var sums = await reader.FoldAsync("compliance", filter, () => new Sums(), (s, sale) => s.Add(sale), (a, b) => a.Add(b), cancellationToken);
        var scope = SaleScope.Json(filter);
        var check = RecordId.Next(context.Time);
        var results = new List<ComplianceResult> { Result(null, sums.All) };
        results.AddRange(sums.Products.Where(p => p.Value.Violations > 0).OrderByDescending(p => p.Value.Violations).ThenBy(p => p.Key, StringComparer.Ordinal)
            .Take(MostProducts).Select(p => Result(p.Key, p.Value)));
        await new BulkWriter<ComplianceResult>(context).WriteAsync(results, ConflictMode.Reject, null, cancellationToken);
        return results;

        ComplianceResult Result(string? product, ComplianceSum sum) => new()
        {
            CheckId = check,
            ProductId = product,
            Rule = Rule,
            Verdict = sum.Verdict,
            SalesChecked = sum.Checked,
            SalesUnchecked = sum.Unchecked,
            ViolationCount = sum.Violations,
            Violations = JsonSerializer.Serialize(sum.Report, RetailJson.Default.ViolationReport),
            Scope = scope,
            CheckedAt = context.Now(),
        };
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<ComplianceResult> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <summary>The results of checks.</summary>
    public Task<Page<ComplianceResult>> ListAsync(string? product, Verdict? verdict, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(
            query =>
            {
                query = string.IsNullOrEmpty(product) ? query : query.Where(r => r.ProductId == product);
                return verdict is null ? query : query.Where(r => r.Verdict == verdict);
            },
            SortKeys,
            page,
            cancellationToken);

    private sealed class Sums
    {
        public ComplianceSum All { get; } = new();

        // Each product has a sum: how often it was sold rightly is told as well.
        public Dictionary<string, ComplianceSum> Products { get; } = new(StringComparer.Ordinal);

        public void Add(Sale sale)
        {
            All.Add(sale);
            if (!Products.TryGetValue(sale.ProductId, out var product))
            {
                Products.Add(sale.ProductId, product = new ComplianceSum());
            }

            product.Add(sale);
        }

        public void Add(Sums other)
        {
            All.Add(other.All);
            foreach (var (id, sum) in other.Products)
            {
                if (!Products.TryAdd(id, sum))
                {
                    Products[id].Add(sum);
                }
            }
        }
    }
}
