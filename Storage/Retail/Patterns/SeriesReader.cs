using CloudStore.Storage.Records;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>A subject's days and the state of its sales.</summary>
/// <param name="Days">Null where there are no dated sales.</param>
/// <param name="Version">Changes with each sale that is added, changed or deleted.</param>
public sealed record SubjectDays(DailySeries? Days, string Version);

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
        return found.ToDictionary(f => f.Key, f => Version(f.Rows, f.Revisions, f.Changed), StringComparer.Ordinal);
    }

    /// <summary>The days of each subject, null where it has no dated sales, and the state of the sales they were made from.</summary>
    public async Task<Dictionary<string, SubjectDays>> ReadAsync(PatternScope scope, IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        if (scope.Measure == PatternMeasure.Units)
        {
            return await UnitsAsync(scope, subjects, cancellationToken);
        }

        // The state is read first: a sale that comes in between makes the pattern out of date, never new without it.
        var versions = await VersionsAsync(scope, subjects, cancellationToken);
        var totals = await RevenueAsync(scope, subjects, cancellationToken);
        return versions.ToDictionary(v => v.Key, v => new SubjectDays(totals.GetValueOrDefault(v.Key)?.ToSeries(), v.Value), StringComparer.Ordinal);
    }

    private IQueryable<Line> Lines(PatternScope scope)
    {
        var sales = scope.Sales.Apply(store.Query);
        return scope.Kind == PatternKind.Product
            ? sales.Select(s => new Line { Subject = s.ProductId, SoldAt = s.SoldAt, Quantity = s.Quantity, Revision = s.Revision, UpdatedAt = s.UpdatedAt })
            : sales.Where(s => s.Category != null).Select(s => new Line { Subject = s.Category!, SoldAt = s.SoldAt, Quantity = s.Quantity, Revision = s.Revision, UpdatedAt = s.UpdatedAt });
    }

    // Days and state in one pass: the sales of a subject lie all over the table, so that each pass reads nearly all of it.
    private async Task<Dictionary<string, SubjectDays>> UnitsAsync(PatternScope scope, IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        var found = await Lines(scope).Where(l => subjects.Contains(l.Subject))
            .GroupBy(l => new { l.Subject, Day = l.SoldAt == null || l.Quantity == null ? null : (DateTime?)DateBucket.Day(l.SoldAt.Value) })
            .Select(g => new { g.Key.Subject, g.Key.Day, Units = g.Sum(l => l.Quantity), Rows = g.LongCount(), Revisions = g.Sum(l => l.Revision), Changed = g.Max(l => l.UpdatedAt) })
            .ToListAsync(cancellationToken);
        var read = new Dictionary<string, SubjectDays>(StringComparer.Ordinal);
        foreach (var days in found.GroupBy(f => f.Subject, StringComparer.Ordinal))
        {
            var dated = days.Where(d => d.Day is not null).Select(d => KeyValuePair.Create(d.Day!.Value, (double)(d.Units ?? 0))).ToList();
            read.Add(days.Key, new SubjectDays(dated.Count == 0 ? null : DailySeries.Of(dated), Version(days.Sum(d => d.Rows), days.Sum(d => d.Revisions), days.Max(d => d.Changed))));
        }

        return read;
    }

    private static string Version(long rows, long revisions, DateTime changed) => $"{rows}.{revisions}.{changed.Ticks}";

    private async Task<Dictionary<string, DayTotals>> RevenueAsync(PatternScope scope, IReadOnlyList<string> subjects, CancellationToken cancellationToken)
    {
        var wanted = subjects.ToHashSet(StringComparer.Ordinal);
        // Products are found by their index; categories are few, and looked for among all sales.
        var filter = scope.Kind == PatternKind.Product ? scope.Sales with { Products = subjects } : scope.Sales;
        var sum = await reader.FoldAsync(
            "patterns",
            filter,
            () => new MoneyByDay(),
            (sums, sale) =>
            {
                var subject = scope.Kind == PatternKind.Product ? sale.ProductId : sale.Category;
                if (subject is not null && wanted.Contains(subject) && sale.SoldAt is { } at && sale.Revenue is { } revenue)
                {
                    sums.Currencies.Add(sale.Currency);
                    sums.Of(subject).Add(at, (double)revenue);
                }
            },
            (a, b) => a.Add(b),
            cancellationToken);
        OneCurrency.Of(sum.Currencies);
        return sum.Totals;
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
        public Dictionary<string, DayTotals> Totals { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Currencies { get; } = [];

        public DayTotals Of(string subject)
        {
            if (!Totals.TryGetValue(subject, out var days))
            {
                Totals.Add(subject, days = new DayTotals());
            }

            return days;
        }

        public void Add(MoneyByDay other)
        {
            Currencies.UnionWith(other.Currencies);
            foreach (var (subject, days) in other.Totals)
            {
                Of(subject).Add(days);
            }
        }
    }
}
