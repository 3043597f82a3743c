namespace CloudStore.Storage.Imports.Reading;

/// <summary>What a field of a row holds, as the file wrote it.</summary>
public enum FieldKind : byte
{
    /// <summary>Absent, JSON null, or a CSV field with nothing between its delimiters.</summary>
    Null,

    /// <summary>Text: a CSV field or a JSON string, unescaped.</summary>
    Text,

    /// <summary>A JSON number, as written.</summary>
    Number,

    /// <summary>JSON true or false, as written.</summary>
    Boolean,

    /// <summary>A JSON object or array, as written.</summary>
    Json,
}

/// <summary>Why a whole row cannot be used.</summary>
/// <param name="Rule">A stable id: <c>ragged</c>, <c>quote-not-closed</c>, <c>text-after-quote</c>, <c>row-too-long</c>, <c>not-json</c>, <c>not-an-object</c>, <c>too-deep</c>, <c>encoding</c>, <c>decrypt</c>.</param>
/// <param name="Reason">A sentence for the person who will mend the file.</param>
/// <param name="Column">Index of the column at fault; null where the whole row is.</param>
public sealed record RowFault(string Rule, string Reason, int? Column = null);

/// <summary>
/// Reads the rows of one file, one at a time, as UTF-8 spans that stay valid until the next read. Memory use is bounded by the longest row
/// allowed, not by the file. A bad row is handed out with its <see cref="Fault"/>; reading goes on behind it.
/// </summary>
public abstract class RowReader : IAsyncDisposable
{
    /// <summary>The format the file was found (or told) to have.</summary>
    public FileFormat Format { get; internal set; }

    /// <summary>The field delimiter of a CSV file; null for JSON.</summary>
    public char? Delimiter { get; internal set; }

    /// <summary>The encoding the file is stored in: <c>utf-8</c>, <c>utf-16le</c>, <c>utf-16be</c> or <c>windows-1252</c>.</summary>
    public string EncodingName { get; internal set; } = "utf-8";

    /// <summary>Column names: a CSV file's header in file order; for JSON the property names in the order first seen (it grows while reading).</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>1-based number of the line that the current row starts on.</summary>
    public long Line { get; protected set; }

    /// <summary>
    /// Offset just behind the current row in the decoded (decompressed, UTF-8) bytes. With <see cref="Line"/> and <see cref="Columns"/> it makes a
    /// <see cref="ReaderPosition"/> from which another reader of the same file goes on.
    /// </summary>
    public long Offset { get; protected set; }

    /// <summary>Number of fields in the current row; a JSON row has as many as <see cref="Columns"/>.</summary>
    public abstract int FieldCount { get; }

    /// <summary>Why the current row as a whole cannot be used, or null. Its fields are then as far as they could be told apart.</summary>
    public RowFault? Fault { get; protected set; }

    /// <summary>Bytes taken so far from the source as stored (compressed, if it is), for progress.</summary>
    public abstract long SourceBytes { get; }

    /// <summary>Where a reader that should go on behind the current row starts.</summary>
    public abstract ReaderPosition Position { get; }

    /// <summary>Moves to the next row. False at the end of the file.</summary>
    /// <exception cref="UnreadableFileException">The file as a whole cannot be read any further.</exception>
    public abstract ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>The value of a column in the current row, UTF-8, unescaped; empty where <see cref="KindOf"/> is Null or the row is shorter.</summary>
    public abstract ReadOnlySpan<byte> Field(int column);

    public abstract FieldKind KindOf(int column);

    /// <summary>The value of a column as the file has it, for showing: <see cref="Field"/>, except where that was encrypted.</summary>
    public virtual ReadOnlySpan<byte> AsWritten(int column) => Field(column);

    /// <summary>Whether the file has the column's values encrypted: what they hold is then shown nowhere.</summary>
    public virtual bool IsEncrypted(int column) => false;

    /// <summary>
    /// The current row as the file has it (decoded to UTF-8), without its line end; valid until the next read. Empty for a row that was too long
    /// to be kept. Written to a file under the header it is a row that can be mended and loaded.
    /// </summary>
    public virtual ReadOnlySpan<byte> Raw => default;

    public abstract ValueTask DisposeAsync();
}

/// <summary>A place between two rows of a file.</summary>
/// <param name="Offset">Bytes of the decoded content before it.</param>
/// <param name="Line">Lines of the decoded content before it.</param>
/// <param name="Columns">The columns known by then.</param>
public sealed record ReaderPosition(long Offset, long Line, IReadOnlyList<string> Columns);

/// <summary>The file as a whole cannot be read: its encoding, its compression, its size or its structure.</summary>
/// <param name="rule">A stable id: <c>encoding</c>, <c>gzip</c>, <c>too-large</c>, <c>gzip-ratio</c>, <c>not-json</c>, <c>empty</c>, <c>header</c>.</param>
public sealed class UnreadableFileException(string rule, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Rule { get; } = rule;
}
