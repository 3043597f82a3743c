using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudStore.ServiceDefaults.Health;

/// <summary>The body of <c>/health</c> and <c>/alive</c>.</summary>
/// <param name="Status">The worst of the parts' states; a service without parts is healthy.</param>
/// <param name="Stores">The stores this service uses, by name.</param>
public sealed record HealthAnswer(HealthStatus Status, IReadOnlyList<StoreHealth> Stores)
{
    public static HealthAnswer From(HealthReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new(report.Status, [.. report.Entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => StoreHealth.From(e.Key, e.Value))]);
    }
}

/// <summary>One store's state.</summary>
/// <param name="Name">The store's name.</param>
/// <param name="State"><c>healthy</c>, <c>degraded</c> (it works, with less than it should have) or <c>unhealthy</c>.</param>
/// <param name="LatencyMs">How long the check took, in milliseconds.</param>
/// <param name="Description">What the check has to say, if anything.</param>
/// <param name="Error">Why the check failed; null where it did not.</param>
public sealed record StoreHealth(string Name, HealthStatus State, double LatencyMs, string? Description, string? Error)
{
    internal static StoreHealth From(string name, HealthReportEntry entry) =>
        new(name, entry.Status, Math.Round(entry.Duration.TotalMilliseconds, 3), entry.Description, entry.Exception?.Message);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(HealthStatusConverter)])]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;

/// <summary>States in the API's spelling: lower case.</summary>
internal sealed class HealthStatusConverter() : JsonStringEnumConverter<HealthStatus>(System.Text.Json.JsonNamingPolicy.CamelCase);
