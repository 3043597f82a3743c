using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Voice.Metrics;

/// <summary>The import target <c>voice.metrics</c>: what monitors and services write. Rows have no key; each is added.</summary>
public sealed class MetricImport(TimeProvider time) : ImportTarget<SystemMetric>
{
    internal const string TargetName = "voice.metrics";

    /// <inheritdoc/>
    public override string Name => TargetName;

    /// <inheritdoc/>
    public override bool HasKey => false;

    /// <summary>Columns of other names tell series apart.</summary>
    public override Action<SystemMetric, string> SetOther { get; } = (m, json) => m.Labels = json;

    /// <inheritdoc/>
    public override string OtherProperty => nameof(SystemMetric.Labels);

    /// <inheritdoc/>
    public override IReadOnlyList<ImportField<SystemMetric>> TypedFields { get; } =
    [
        ImportField<SystemMetric>.Text("name", nameof(SystemMetric.Name), (m, v) => m.Name = v, m => m.Name, "metric", "metricname", "measurement", "series", "counter") with { Required = true },
        ImportField<SystemMetric>.Decimal("value", nameof(SystemMetric.Value), (m, v) => m.Value = v, m => m.Value, "metricvalue", "reading", "sample") with { Required = true },
        ImportField<SystemMetric>.Text("unit", nameof(SystemMetric.Unit), (m, v) => m.Unit = v, m => m.Unit, "units", "uom", "metricunit"),
        ImportField<SystemMetric>.Json("labels", nameof(SystemMetric.Labels), (m, v) => m.Labels = v, m => m.Labels, "tags", "dimensions", "attributes"),
        ImportField<SystemMetric>.Instant("at", nameof(SystemMetric.At), (m, v) => m.At = v, m => m.At, "timestamp", "time", "date", "datetime", "measuredat", "recordedat", "createdat"),
    ];

    /// <inheritdoc/>
    public override void Complete(SystemMetric row, string?[]? key) => MetricRules.Fill(row, time.GetUtcNow().UtcDateTime);

    /// <inheritdoc/>
    public override void Check(SystemMetric row, Action<string, string, string> report) => MetricRules.Check(row, report);
}

/// <summary>The export source <c>voice.metrics</c>.</summary>
public sealed class MetricExport(ImportTargets targets) : ExportSource<SystemMetric>(targets, MetricImport.TargetName)
{
    /// <inheritdoc/>
    public override IReadOnlyList<ExportFilter> Filters { get; } = [new("name", "Exactly this name."), new("unit", "Exactly this unit."), .. ExportFilter.Dates];

    /// <inheritdoc/>
    protected override Func<IQueryable<SystemMetric>, IQueryable<SystemMetric>> Filter(FilterValues values) =>
        new MetricFilter(values.Text("name"), values.Text("unit"), values.From(), values.Before()).Apply;
}
