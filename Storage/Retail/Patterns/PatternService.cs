using System.Diagnostics;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>What an extraction did.</summary>
/// <param name="Patterns">Patterns made and stored.</param>
/// <param name="TooLittleData">Those of them whose data carry nothing.</param>
/// <param name="QuerySeconds">Time spent waiting for the sales.</param>
/// <param name="Seconds">Time in all.</param>
public sealed record PatternRun(int Patterns, int TooLittleData, double QuerySeconds, double Seconds);

/// <summary>Makes, keeps and gives out demand patterns.</summary>
public sealed class PatternService(StoreContext context, RecordStore<DemandPattern> store, SeriesReader series, PatternCache cache)
{
    // So many subjects' days are in memory at a time. Each step reads most of the sales' table, so there are to be few. The days that the database has summed
    // take about 200 bytes each while they are read, those that are summed here 8.
    private const int SubjectsOfUnits = 250;
    private const int SubjectsOfRevenue = 1_000;

    private static readonly SortKey<DemandPattern>[] SortKeys =
    [
        SortKey<DemandPattern>.By("createdAt", p => p.Id),
        SortKey<DemandPattern>.By("updatedAt", p => p.UpdatedAt),
        SortKey<DemandPattern>.By("subject", p => p.Subject),
    ];

    /// <summary>Makes the patterns of all subjects of a scope and stores them; those made before with the same scope are replaced.</summary>
    public async Task<PatternRun> ExtractAsync(PatternScope scope, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        var reading = TimeSpan.Zero;
        var writer = new BulkWriter<DemandPattern>(context);
        int made = 0, little = 0;
        for (string last = ""; ;)
        {
            var asked = Stopwatch.GetTimestamp();
            var subjects = await series.SubjectsAsync(scope, last, scope.Measure == PatternMeasure.Units ? SubjectsOfUnits : SubjectsOfRevenue, cancellationToken);
            if (subjects.Count == 0)
            {
                return new PatternRun(made, little, reading.TotalSeconds, Stopwatch.GetElapsedTime(started).TotalSeconds);
            }

            var days = await series.ReadAsync(scope, subjects, cancellationToken);
            reading += Stopwatch.GetElapsedTime(asked);
            var patterns = subjects.ConvertAll(s => Make(scope, s, days.GetValueOrDefault(s)));
            await writer.WriteAsync(patterns, ConflictMode.Update, null, cancellationToken);
            (made, little, last) = (made + patterns.Count, little + patterns.Count(p => p.DemandClass is null), subjects[^1]);
        }
    }

    /// <summary>The pattern of one subject as its sales are now: from the cache where they have not changed since it was made.</summary>
    /// <exception cref="ProblemException">Of kind not-found: there are no such sales.</exception>
    public async Task<DemandPattern> CurrentAsync(PatternScope scope, string subject, CancellationToken cancellationToken = default)
    {
        var version = (await series.VersionsAsync(scope, [subject], cancellationToken)).GetValueOrDefault(subject)
            ?? throw new ProblemException(ProblemKind.NotFound, $"There are no sales of the {(scope.Kind == PatternKind.Product ? "product" : "category")} '{subject}'.");
        var key = scope.KeyOf(subject);
        if (await cache.FindAsync(key, version, cancellationToken) is { } kept)
        {
            return kept;
        }

        var days = await series.ReadAsync(scope, [subject], cancellationToken);
        var pattern = Make(scope, subject, days.GetValueOrDefault(subject));
        pattern.Id = RecordId.Next(context.Time);
        pattern.CreatedAt = pattern.UpdatedAt = context.Now();
        pattern.Revision = 1;
        await cache.KeepAsync(key, pattern, cancellationToken);
        return pattern;
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public Task<DemandPattern> GetAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    /// <summary>The stored patterns.</summary>
    public Task<Page<DemandPattern>> ListAsync(PatternKind? kind, string? subject, DemandClass? demandClass, PageRequest page, CancellationToken cancellationToken = default) =>
        store.ListAsync(
            query =>
            {
                query = kind is null ? query : query.Where(p => p.Kind == kind);
                query = string.IsNullOrEmpty(subject) ? query : query.Where(p => p.Subject == subject);
                return demandClass is null ? query : query.Where(p => p.DemandClass == demandClass);
            },
            SortKeys,
            page,
            cancellationToken);

    private static DemandPattern Make(PatternScope scope, string subject, SubjectDays? read)
    {
        var pattern = new DemandPattern
        {
            NaturalKey = scope.KeyOf(subject),
            Kind = scope.Kind,
            Subject = subject,
            Measure = scope.Measure,
            StoreId = scope.Sales.StoreId,
            Scope = SaleScope.Json(scope.Kind == PatternKind.Product ? scope.Sales with { Products = [subject] } : scope.Sales with { Category = subject }),
            SalesVersion = read?.Version ?? "",
        };
        PatternMaker.Fill(pattern, read?.Days);
        return pattern;
    }
}
