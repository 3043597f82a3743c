using System.Diagnostics.Metrics;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>How much waits for the database: an operator's alarm stands on it.</summary>
internal static class SpoolMetrics
{
    private static readonly Meter Meter = new("CloudStore.Spool");
    private static readonly Counter<long> Outcomes = Meter.CreateCounter<long>("cloudstore.spool.outcomes", "{entry}", "Spooled entries that were applied or refused.");
    private static WeakReference<Spool>? _watched;

    static SpoolMetrics() =>
        Meter.CreateObservableGauge("cloudstore.spool.waiting", () => _watched is not null && _watched.TryGetTarget(out var spool) ? spool.Count : 0, "{entry}", "Entries that wait for the database.");

    public static void Watch(Spool spool) => _watched = new WeakReference<Spool>(spool);

    public static void Ended(SpoolStatus status) => Outcomes.Add(1, new KeyValuePair<string, object?>("status", status == SpoolStatus.Applied ? "applied" : "refused"));
}
