using CloudStore.Storage.Records;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>
/// Daily totals of some subjects. Units are summed by the database, which sends one number for each subject and day; money is ciphertext there, so revenue is summed here
/// from the sales, read page by page.
/// </summary>
public sealed class SeriesReader(RecordStore<Sale> store, SaleReader reader)
{
    /// <summary>The next subjects behind <paramref name="last"/>, in the order of their names.</summary>
    public Task<List<string>> SubjectsAsync(PatternScope scope, string last, int most, CancellationToken cancellationToken)
    {
        var lines = Lines(scope).Where(l => string.Compare(l.Subject, last) > 0);
        return lines.Select(l => l.Subject).Distinct().OrderBy(s => s).Take(most).ToListAsync(cancellationToken);
    }

    /// <summary>The state of the subjects' sales. It changes when one is added, changed or deleted, by whichever process.</summary>
    public async Task<Dictionary<string, string>> VersionsAsync(PatternScope scope, IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        var found = await Lines(scope).Where(l => subjects.Contains(l.Subject)).GroupBy(l => l.Subject)
            .Select(g => new { g.Key, Rows = g.LongCount(), Revisions = g.Sum(l => l.Revision), Changed = g.Max(l => l.UpdatedAt) }).ToListAsync(cancellationToken);
        return found.ToDictionary(f => f.Key, f => $"{f.Rows}.{f.Revisions}.{f.Changed.Ticks}", StringComparer.Ordinal);
    }

    /// <summary>The days of each subject; a subject without dated sales is not in it.</summary>
    public async Task<Dictionary<string, DailySeries>> ReadAsync(PatternScope scope, IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        var totals = scope.Measure == PatternMeasure.Units ? await UnitsAsync(scope, subjects, cancellationToken) : await RevenueAsync(scope, subjects, cancellationToken);
        return totals.ToDictionary(t => t.Key, t => DailySeries.Of(t.Value), StringComparer.Ordinal);
    }

    private IQueryable<Line> Lines(PatternScope scope)
    {
        var sales = scope.Sales.Apply(store.Query);
        return scope.Kind == PatternKind.Product
            ? sales.Select(s => new Line { Subject = s.ProductId, SoldAt = s.SoldAt, Quantity = s.Quantity, Revision = s.Revision, UpdatedAt = s.UpdatedAt })
            : sales.Where(s => s.Category != null).Select(s => new Line { Subject = s.Category!, SoldAt = s.SoldAt, Quantity = s.Quantity, Revision = s.Revision, UpdatedAt = s.UpdatedAt });
    }

    private async Task<Dictionary<string, Dictionary<DateTime, double>>> UnitsAsync(PatternScope scope, IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        var days = await Lines(scope).Where(l => subjects.Contains(l.Subject) && l.SoldAt != null && l.Quantity != null)
            .GroupBy(l => new { l.Subject, Day = DateBucket.Day(l.SoldAt!.Value) })
            .Select(g => new { g.Key.Subject, g.Key.Day, Units = g.Sum(l => l.Quantity) }).ToListAsync(cancellationToken);
        var totals = new Dictionary<string, Dictionary<DateTime, double>>(StringComparer.Ordinal);
        foreach (var day in days)
        {
            Days(totals, day.Subject)[day.Day] = (double)(day.Units ?? 0);
        }

        return totals;
    }

    private async Task<Dictionary<string, Dictionary<DateTime, double>>> RevenueAsync(PatternScope scope, IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        var wanted = subjects.ToHashSet(StringComparer.Ordinal);
        // Products are found by their index; categories are few, and looked for among all sales.
        var filter = scope.Kind == PatternKind.Product ? scope.Sales with { Products = subjects } : scope.Sales;
        var sum = await reader.FoldAsync(
            filter,
            () => new MoneyByDay(),
            (sums, sale) =>
            {
                var subject = scope.Kind == PatternKind.Product ? sale.ProductId : sale.Category;
                if (subject is not null && wanted.Contains(subject) && sale.SoldAt is { } at && sale.Revenue is { } revenue)
                {
                    sums.Currencies.Add(sale.Currency);
                    var days = Days(sums.Totals, subject);
                    days[at.Date] = days.GetValueOrDefault(at.Date) + (double)revenue;
                }
            },
            (a, b) => a.Add(b),
            cancellationToken);
        OneCurrency.Of(sum.Currencies);
        return sum.Totals;
    }

    private static Dictionary<DateTime, double> Days(Dictionary<string, Dictionary<DateTime, double>> totals, string subject)
    {
        if (!totals.TryGetValue(subject, out var days))
        {
            totals.Add(subject, days = []);
        }

        return days;
    }

    private sealed class Line
    {
        public required string Subject { get; init; }

        public required DateTime? SoldAt { get; init; }

        public required decimal? Quantity { get; init; }

        public required long Revision { get; init; }

        public required DateTime UpdatedAt { get; init; }
    }

    private sealed class MoneyByDay
    {
        public Dictionary<string, Dictionary<DateTime, double>> Totals { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Currencies { get; } = [];

        public void Add(MoneyByDay other)
        {
            Currencies.UnionWith(other.Currencies);
            foreach (var (subject, days) in other.Totals)
            {
                var own = Days(Totals, subject);
                foreach (var (day, total) in days)
                {
                    own[day] = own.GetValueOrDefault(day) + total;
                }
            }
        }
    }
}
