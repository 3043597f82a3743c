using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>How an analysis was made.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<AnalysisType>))]
public enum AnalysisType
{
    /// <summary>By rules and statistics.</summary>
    Auto,

    /// <summary>By a language model with retrieved context (retrieval-augmented generation).</summary>
    Rag,

    /// <summary>By comparing channels.</summary>
    Channel,

    /// <summary>By looking for patterns over time.</summary>
    Pattern,
}
