using System.Globalization;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>A Parquet file is not as the format says, uses what is not supported, or asks for more than its length justifies. The message names the file, the column and the byte, as far as they are known, and the rule.</summary>
public sealed class ParquetException : IOException
{
    public ParquetException(string rule, Exception? inner = null)
        : this(rule, null, null, null, inner)
    {
    }

    private ParquetException(string rule, string? file, string? column, long? offset, Exception? inner)
        : base(Text(rule, file, column, offset), inner) =>
        (Rule, File, Column, Offset) = (rule, file, column, offset);

    /// <summary>What is wrong, without where.</summary>
    public string Rule { get; }

    public string? File { get; }

    /// <summary>The column's path, with dots.</summary>
    public string? Column { get; }

    /// <summary>Where in the file the page or structure begins.</summary>
    public long? Offset { get; }

    /// <summary>The same with the place added, where it was not known yet.</summary>
    internal ParquetException At(string? file = null, string? column = null, long? offset = null) =>
        new(Rule, File ?? file, Column ?? column, Offset ?? offset, InnerException);

    private static string Text(string rule, string? file, string? column, long? offset)
    {
        var place = string.Join(", ", new[] { file, column is null ? null : $"column '{column}'", offset is { } at ? string.Create(CultureInfo.InvariantCulture, $"byte {at}") : null }.OfType<string>());
        return place.Length == 0 ? $"Parquet: {rule}." : $"{place}: {rule}.";
    }
}
