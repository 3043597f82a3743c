using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>How far an analysis is.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<AnalysisStatus>))]
public enum AnalysisStatus
{
    Pending,
    Running,
    Completed,
    Failed,
}
