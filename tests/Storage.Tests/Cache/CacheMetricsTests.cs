using System.Diagnostics.Metrics;
using CloudStore.Storage.Cache;

namespace CloudStore.Storage.Tests.Cache;

public sealed class CacheMetricsTests
{
    [Fact]
    public async Task Counts_are_measured_by_layer()
    {
        var token = TestContext.Current.CancellationToken;
        using var host = new CacheHost(shared: t => new SharedStore(t).Join());
        await host.Cache.SetAsync("k", 1, cancellationToken: token);
        await host.Cache.GetAsync<int>("k", token);
        var durations = new List<string>();
        var measured = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "CloudStore.Cache" && ReferenceEquals(instrument.Meter, host.Engine.Parts.Metrics.Meter))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured[$"{instrument.Name} {tags[0].Value}"] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
        {
            lock (durations)
            {
                durations.Add($"{instrument.Name}{(tags.Length > 0 ? $" {tags[0].Value}" : "")}");
            }
        });
        listener.Start();
        await host.Cache.GetOrCreateAsync("new", 0, static (_, _) => new ValueTask<int>(1), cancellationToken: token);
        listener.RecordObservableInstruments();

        Assert.Equal(1, measured["cloudstore.cache.hits memory"]);
        Assert.Equal(1, measured["cloudstore.cache.hits redis"]);
        Assert.Equal(1, measured["cloudstore.cache.misses memory"]);
        Assert.Equal(2, measured["cloudstore.cache.entries memory"]);
        Assert.Equal(0, measured["cloudstore.cache.circuit.open"]);
        Assert.True(measured["cloudstore.cache.bytes memory"] > 0);
        Assert.Equal(["cloudstore.cache.factory.duration", "cloudstore.cache.read.duration factory"], durations);
    }
}
