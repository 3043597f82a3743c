using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>What totals of model usage are grouped by; days are UTC.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<LlmUsageGroup>))]
public enum LlmUsageGroup
{
    Provider,
    Model,
    Operation,
    Day,
}
