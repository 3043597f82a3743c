using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>What metrics are grouped by. Weeks are ISO weeks, from Monday; all are UTC.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<MetricsGroup>))]
public enum MetricsGroup
{
    Platform,
    Channel,
    FunnelStage,
    Day,
    Week,
    Month,
}
