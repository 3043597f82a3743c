using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Retail.Risks;

/// <summary>Assesses the five risks, of each product named or of a selection as a whole.</summary>
public sealed class RiskService(StoreContext context, RecordStore<RiskAssessment> store, RecordStore<Sale> sales, SaleReader reader)
{
    /// <summary>Products in one assessment; each is read by itself.</summary>
    public const int MostProducts = 100;

    private static readonly SortKey<RiskAssessment>[] SortKeys =
        [SortKey<RiskAssessment>.By("createdAt", r => r.Id), SortKey<RiskAssessment>.By("productId", r => r.ProductId)];

    /// <param name="filter">Its products are assessed each by itself; without any, its sales are assessed together.</param>
    /// <param name="asOf">Seen from this day; null for the day of the last sale of the selection, whatever the product.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">There are too many products, or several currencies.</exception>
    public async Task<IReadOnlyList<RiskAssessment>> AssessAsync(SaleFilter filter, DateTime? asOf, CancellationToken cancellationToken = default)
    {
        if (filter.Products.Count > MostProducts)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "products", "range", $"At most {MostProducts} products are assessed at once; there are {filter.Products.Count}.");
        }

        var day = asOf ?? await (filter with { Products = [] }).Apply(sales.Query).MaxAsync(s => s.SoldAt, cancellationToken) ?? context.Now();
        var found = new List<RiskAssessment>();
        foreach (var product in filter.Products.Count == 0 ? [null] : filter.Products.Distinct(StringComparer.Ordinal).Cast<string?>())
        {
            var own = product is null ? filter : filter with { Products = [product] };
            var sum = await reader.FoldAsync("risks", own, () => new RiskSum(), (s, sale) => s.Add(sale), (a, b) => a.Add(b), cancellationToken);
            OneCurrency.Of(sum.Currencies);
            found.AddRange(Assess(product, sum, day, SaleScope.Json(own)));
        }

        await new BulkWriter<RiskAssessment>(context).WriteAsync(found, ConflictMode.Reject, null, cancellationToken);
        return found;
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<RiskAssessment> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <summary>The assessments made.</summary>
    public Task<Page<RiskAssessment>> ListAsync(string? product, RiskKind? kind, RiskLevel? level, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(
            query =>
            {
                query = string.IsNullOrEmpty(product) ? query : query.Where(r => r.ProductId == product);
                query = kind is null ? query : query.Where(r => r.Kind == kind);
                return level is null ? query : query.Where(r => r.Level == level);
            },
            SortKeys,
            page,
            cancellationToken);

    private static IEnumerable<RiskAssessment> Assess(string? product, RiskSum sum, DateTime asOf, string scope)
    {
        var series = sum.Units.Count == 0 ? null : DailySeries.Of(sum.Units);
        var weeks = series?.Weeks() ?? [];
        var scored = new (RiskKind Kind, ScoredRisk Risk)[]
        {
            (RiskKind.DemandDecline, RiskScores.DemandDecline(weeks)),
            (RiskKind.Volatility, RiskScores.Volatility(weeks)),
            (RiskKind.MarginUnderMrp, RiskScores.MarginUnderMrp(sum.MrpValue, sum.MrpRevenue)),
            (RiskKind.Concentration, RiskScores.Concentration(product is null ? sum.RevenueByProduct.Values : sum.RevenueByStore.Values)),
            (RiskKind.StaleStock, series is null ? new ScoredRisk(null, []) : RiskScores.StaleStock(series, asOf)),
        };
        foreach (var (kind, risk) in scored)
        {
            double? score = risk.Score is { } exact ? Math.Round(exact, 2) : null;
            var level = RiskScores.LevelOf(score);
            yield return new RiskAssessment
            {
                Kind = kind,
                ProductId = product,
                Score = score,
                Level = level,
                Drivers = JsonSerializer.Serialize(risk.Drivers, RetailJson.Default.IReadOnlyListDriver),
                Mitigations = JsonSerializer.Serialize(Mitigations.For(kind, level), RetailJson.Default.IReadOnlyListString),
                Confidence = Math.Round(Credibility.Of(series?.DaysWithDemand ?? 0), 6),
                AsOf = asOf.Date,
                Scope = scope,
            };
        }
    }
}
