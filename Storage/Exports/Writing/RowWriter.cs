using CloudStore.Storage.Protection.Fernet;

namespace CloudStore.Storage.Exports.Writing;

/// <summary>Writes records as the rows of a file.</summary>
internal abstract class RowWriter<T>(IReadOnlyList<ExportColumn<T>> columns, FernetColumns? encryption)
{
    // A value on its way into a token.
    private readonly Utf8Buffer _plain = new();

    protected IReadOnlyList<ExportColumn<T>> Columns { get; } = columns;

    /// <summary>What stands in front of the first row.</summary>
    public abstract void WriteHead(Utf8Buffer to);

    public abstract void Write(T row, Utf8Buffer to);

    protected bool IsEncrypted(int column) => encryption?.Has(column) == true;

    /// <summary>The token of a value; null where the row has none.</summary>
    protected string? Token(int column, T row)
    {
        _plain.Clear();
        return Columns[column].TryWrite(row, _plain) ? encryption!.Encrypt(_plain.Written.Span) : null;
    }
}
