using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Imports;

/// <summary>What a caller asks of an import: the query parameters of <c>POST /v1/imports</c>.</summary>
public sealed record ImportOptions
{
    public string Target { get; init; } = "";

    /// <summary>Null: found out from the file.</summary>
    public FileFormat? Format { get; init; }

    /// <summary>CSV delimiter; null: found out from the file.</summary>
    public char? Delimiter { get; init; }

    public ConflictMode OnConflict { get; init; } = ConflictMode.Update;

    /// <summary>Fields or the file's own headers that make a row's key; <c>derive</c> alone makes an id from the row's dimensions. Empty: the target's own key.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>Field to the file's header.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>Field to a value that every row gets.</summary>
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    /// <summary>Decimal field to the factor its column is multiplied by, e.g. 0.01 for a column in paise.</summary>
    public IReadOnlyDictionary<string, decimal> Scale { get; init; } = new Dictionary<string, decimal>();

    /// <summary>The file's columns whose values are Fernet tokens.</summary>
    public IReadOnlyList<string> Decrypt { get; init; } = [];

    /// <summary>The file is a CSV whose text has an apostrophe in front where it would be a formula, as exports write it: it is taken off.</summary>
    public bool FormulaPrefix { get; init; }

    /// <summary>How dates are written; null: found out from the column.</summary>
    public string? DateFormat { get; init; }

    /// <summary>The job fails when more rows are rejected; null: the setting <c>Imports:MaxRejects</c>.</summary>
    public int? MaxRejects { get; init; }

    /// <summary>Load the file although it was loaded before.</summary>
    public bool Force { get; init; }
}
