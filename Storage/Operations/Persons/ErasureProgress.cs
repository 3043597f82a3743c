using System.Text.Json;
using System.Text.Json.Serialization;
using CloudStore.Storage.Operations.Lifecycle;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>What an erasure has removed so far.</summary>
public sealed record ErasureProgress
{
    /// <summary>Rows, by table.</summary>
    public SortedDictionary<string, long> Rows { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Archived rows.</summary>
    public long Archived { get; init; }

    /// <summary>Writes that waited for the database.</summary>
    public long Spooled { get; init; }

    /// <summary>Contents of files and of parts of uploads.</summary>
    public long Contents { get; init; }

    /// <summary>Bytes of those files.</summary>
    public long ContentBytes { get; init; }

    /// <summary>Contents in backends that the settings do not name any more: their keys are gone, they may be there.</summary>
    public long Unreached { get; init; }

    /// <summary>Contents that no row names any more and that may still be there.</summary>
    public IReadOnlyList<ErasedContent> Pending { get; init; } = [];

    internal ErasureProgress With(ErasedPart part)
    {
        var rows = new SortedDictionary<string, long>(Rows, StringComparer.Ordinal);
        if (part.Rows > 0)
        {
            rows[part.Table] = rows.GetValueOrDefault(part.Table) + part.Rows;
        }

        var contents = part.Contents ?? [];
        return this with
        {
            Rows = rows, Archived = Archived + part.Archived, Spooled = Spooled + part.Spooled, Contents = Contents + contents.Count, ContentBytes = ContentBytes + contents.Sum(c => c.Bytes),
            Pending = contents.Count > 0 ? contents : Pending,
        };
    }

    internal static ErasureProgress Read(string? json) => json is null ? new() : JsonSerializer.Deserialize(json, PersonsJson.Default.ErasureProgress)!;

    internal string ToJson() => JsonSerializer.Serialize(this, PersonsJson.Default.ErasureProgress);
}

/// <summary>The JSON that jobs about persons keep and give out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErasureProgress))]
[JsonSerializable(typeof(ErasureStatement))]
[JsonSerializable(typeof(ExportManifest))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class PersonsJson : JsonSerializerContext;
