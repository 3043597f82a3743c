using System.Text.Json.Serialization;

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
