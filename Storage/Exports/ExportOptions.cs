using CloudStore.Storage.Imports.Reading;
using Microsoft.Extensions.Primitives;

namespace CloudStore.Storage.Exports;

/// <summary>What a caller asks of an export.</summary>
public sealed record ExportOptions
{
    public FileFormat Format { get; init; } = FileFormat.Csv;

    public bool Gzip { get; init; }

    /// <summary>The columns in their order; empty for all.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The columns whose values become Fernet tokens.</summary>
    public IReadOnlyList<string> Encrypt { get; init; } = [];

    /// <summary>Whether text of a CSV that would be a formula gets an apostrophe in front.</summary>
    public bool FormulaPrefix { get; init; } = true;

    /// <summary>Filter to its values.</summary>
    public IReadOnlyDictionary<string, StringValues> Filters { get; init; } = new Dictionary<string, StringValues>();
}
