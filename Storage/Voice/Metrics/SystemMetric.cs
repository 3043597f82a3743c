using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Conversations;

namespace CloudStore.Storage.Voice.Metrics;

/// <summary>A value that was measured of the system; nothing of a user's belongs in it.</summary>
public sealed class SystemMetric : Record
{
    public string Name { get; set; } = "";

    public decimal Value { get; set; }

    /// <summary>Of the value, e.g. <c>ms</c>.</summary>
    public string? Unit { get; set; }

    /// <summary>What tells series of one name apart: a JSON object.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Labels { get; set; }

    /// <summary>UTC.</summary>
    public DateTime At { get; set; }
}

/// <summary>What a caller says was measured. Absent is null.</summary>
public sealed record MetricDraft
{
    /// <summary>Needed; up to 128 characters.</summary>
    public string? Name { get; init; }

    /// <summary>Needed.</summary>
    public decimal? Value { get; init; }

    /// <summary>Up to 32 characters.</summary>
    public string? Unit { get; init; }

    /// <summary>A JSON object of up to 64 KiB.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Labels { get; init; }

    /// <summary>Now where absent.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? At { get; init; }

    public static MetricDraft Of(SystemMetric m) => new() { Name = m.Name, Value = m.Value, Unit = m.Unit, Labels = m.Labels, At = m.At };

    internal void ApplyTo(SystemMetric m, DateTime now)
    {
        (m.Name, m.Value, m.Unit, m.Labels, m.At) = (Name ?? "", Value ?? 0, Unit, Labels, At ?? m.At);
        MetricRules.Fill(m, now);
    }
}

/// <summary>What a metric must be, wherever it comes from.</summary>
public static class MetricRules
{
    /// <summary>Fills the time with <paramref name="now"/> where it is absent.</summary>
    public static void Fill(SystemMetric metric, DateTime now) => metric.At = metric.At == default ? now : Instants.ToStored(metric.At);

    public static void Check(SystemMetric metric, Action<string, string, string> report)
    {
        TextRules.Check("name", metric.Name, 128, report, required: true);
        TextRules.Check("unit", metric.Unit, 32, report);
        JsonRules.CheckObject("labels", metric.Labels, report);
        SpokenAt.Check("at", metric.At, report);
        if (Math.Abs(metric.Value) > NumberRules.LargestAmount)
        {
            report("value", "range", $"value must be from -{NumberRules.LargestAmount} to {NumberRules.LargestAmount}.");
        }
    }
}
