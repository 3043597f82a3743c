using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Reading;

/// <summary>Sums sales up by group. Prices are ciphertext in the database, so the sales go through this process, in parallel and page by page.</summary>
public sealed class SaleTotalsReader(SaleReader reader)
{
    /// <summary>More groups are refused: they would be an answer nobody reads, and memory grows with them.</summary>
    public const int MostGroups = 100_000;

    /// <exception cref="ProblemException">There are too many groups, or a sum is too large.</exception>
    public async Task<SaleTotals> SumAsync(SaleFilter filter, TotalsGroup groupBy, CancellationToken cancellationToken = default)
    {
        var sums = await reader.FoldAsync(
            "totals",
            filter,
            () => new Dictionary<(string? Key, string Currency), SaleTotal>(),
            (groups, sale) => Group(groups, KeyOf(sale, groupBy), sale.Currency).Add(sale),
            (a, b) =>
            {
                foreach (var ((key, currency), total) in b)
                {
                    Group(a, key, currency).Add(total);
                }
            },
            cancellationToken);
        var totals = new Dictionary<(string? Key, string Currency), SaleTotal>();
        try
        {
            foreach (var total in sums.Values)
            {
                Group(totals, null, total.Currency).Add(total);
            }
        }
        catch (OverflowException e)
        {
            throw SaleReader.Overflow(e);
        }

        return new SaleTotals([.. sums.Values.OrderBy(t => t.Key is null).ThenBy(t => t.Key, StringComparer.Ordinal).ThenBy(t => t.Currency, StringComparer.Ordinal)],
            [.. totals.Values.OrderBy(t => t.Currency, StringComparer.Ordinal)]);
    }

    private static SaleTotal Group(Dictionary<(string? Key, string Currency), SaleTotal> groups, string? key, string currency)
    {
        if (!groups.TryGetValue((key, currency), out var total))
        {
            if (groups.Count == MostGroups)
            {
                throw ProblemException.ForField(ProblemKind.Invalid, "groupBy", "range", $"There are more than {MostGroups} groups; filter the sales, or group them by something else.");
            }

            groups.Add((key, currency), total = new SaleTotal { Key = key, Currency = currency });
        }

        return total;
    }

    private static string? KeyOf(Sale sale, TotalsGroup groupBy) => groupBy switch
    {
        TotalsGroup.Product => sale.ProductId,
        TotalsGroup.Category => sale.Category,
        TotalsGroup.Store => sale.StoreId,
        TotalsGroup.Day => sale.SoldAt?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TotalsGroup.Month => sale.SoldAt?.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => sale.SoldAt is { } at ? (((int)at.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture) : null,
    };
}
