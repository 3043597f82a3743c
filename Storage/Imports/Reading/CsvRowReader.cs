using System.Text.Unicode;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// Reads CSV as RFC 4180 has it, and what is found beyond it: CR, LF and CR LF line ends mixed, blank lines (skipped), quotes inside unquoted
/// fields (literal), trailing empty fields (ignored), the end mark 1A of old systems on a line of its own (ignored). A field with nothing
/// between its delimiters is Null, a quoted empty one is empty text.
/// </summary>
public sealed class CsvRowReader : RowReader
{
    /// <summary>A header with more is taken for a file that is no table.</summary>
    private const int MaxColumns = 10_000;

    private readonly ByteWindow _window;
    private readonly CountingStream _source;
    private readonly CsvScanner _scanner;
    private readonly int _maxRowBytes;
    private string[] _columns = [];
    private int _requiredColumns;
    private long _linesBefore;
    private int _rowLength;
    private int _rowLines;
    private int _contentLength;
    private byte[] _scratch = [];
    private int _scratchUsed;
    private RowState _state;

    internal CsvRowReader(ByteWindow window, CountingStream source, byte delimiter, int maxRowBytes, long linesBefore)
    {
        _window = window;
        _source = source;
        _scanner = new CsvScanner(delimiter, maxRowBytes);
        _maxRowBytes = maxRowBytes;
        _linesBefore = linesBefore;
        Offset = window.Offset;
        Format = FileFormat.Csv;
        Delimiter = (char)delimiter;
    }

    private enum RowState : byte
    {
        /// <summary>Between two rows.</summary>
        Between,

        /// <summary>The scanner has seen a part of the row.</summary>
        Scanning,

        /// <summary>A row that is too long is being dropped up to its line end.</summary>
        Skipping,
    }

    private enum Outcome : byte
    {
        Again,
        Row,
        End,
        More,
    }

    public override IReadOnlyList<string> Columns => _columns;

    public override int FieldCount => _scanner.Fields;

    public override long SourceBytes => _source.Count;

    public override ReaderPosition Position => new(Offset, _linesBefore + _rowLines, _columns);

    public override ReadOnlySpan<byte> Raw => _window.Unread[.._contentLength];

    public override ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        TakeRow();
        Outcome outcome = Advance();
        return outcome == Outcome.More ? ReadMoreAsync(cancellationToken) : new(outcome == Outcome.Row);
    }

    public override ReadOnlySpan<byte> Field(int column)
    {
        if ((uint)column >= (uint)_scanner.Fields) return default;
        ReadOnlySpan<byte> text = _window.Unread.Slice(_scanner.StartOf(column), _scanner.LengthOf(column));
        return _scanner.FormOf(column) == CsvFieldForm.QuotedDoubled ? Unescape(text) : text;
    }

    public override FieldKind KindOf(int column)
    {
        if ((uint)column >= (uint)_scanner.Fields) return FieldKind.Null;
        return _scanner.LengthOf(column) == 0 && _scanner.FormOf(column) == CsvFieldForm.Plain ? FieldKind.Null : FieldKind.Text;
    }

    public override ValueTask DisposeAsync() => _window.DisposeAsync();

    /// <summary>Takes the first row that is not blank as the header.</summary>
    internal async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (!await ReadAsync(cancellationToken)) throw new UnreadableFileException("empty", "The file holds nothing.");
        if (Fault is { } fault)
            throw new UnreadableFileException(fault.Rule == "encoding" ? "encoding" : "header", $"The header (line {Line}) cannot be read. {fault.Reason}");
        if (_scanner.Count > MaxColumns)
            throw new UnreadableFileException("header", $"The header has {_scanner.Count} columns; at most {MaxColumns} are accepted.");
        var columns = new string[_scanner.Fields];
        for (int i = 0; i < columns.Length; i++) columns[i] = System.Text.Encoding.UTF8.GetString(Field(i)).Trim();
        if (Array.TrueForAll(columns, name => name.Length == 0))
            throw new UnreadableFileException("header", $"The first row (line {Line}) has to name the columns, and all its fields are empty.");
        SetColumns(columns);
    }

    internal void SetColumns(IReadOnlyList<string> columns)
    {
        _columns = [.. columns];
        _scanner.Columns = _columns.Length;
        // A header that ends with delimiters has columns without a name, which rows may leave out.
        _requiredColumns = Array.FindLastIndex(_columns, name => name.Length > 0) + 1;
    }

    private async ValueTask<bool> ReadMoreAsync(CancellationToken cancellationToken)
    {
        Outcome outcome;
        do
        {
            await _window.FillAsync(cancellationToken);
            outcome = Advance();
        }
        while (outcome == Outcome.More);
        return outcome == Outcome.Row;
    }

    private Outcome Advance()
    {
        Outcome outcome;
        do outcome = _state == RowState.Skipping ? Skip() : Scan();
        while (outcome == Outcome.Again);
        return outcome;
    }

    private Outcome Scan()
    {
        ReadOnlySpan<byte> unread = _window.Unread;
        if (_state == RowState.Between)
        {
            _scanner.Start();
            if (unread.IsEmpty)
            {
                // Blank lines behind the last row are read too, so that Position names one place.
                Offset = _window.Offset;
                return _window.Ended ? Outcome.End : Outcome.More;
            }

            _state = RowState.Scanning;
        }

        CsvStep step = _scanner.Scan(unread, _window.Ended, out int length, out int content);
        if (step == CsvStep.More) return Outcome.More;
        Line = _linesBefore + 1;
        if (step == CsvStep.TooLong)
        {
            _window.Consume(length);
            _rowLines = _scanner.Breaks;
            _scanner.Start();
            _state = RowState.Skipping;
            return Outcome.Again;
        }

        _state = RowState.Between;
        _rowLength = length;
        _contentLength = content;
        _rowLines = _scanner.Breaks + (length > content ? 1 : 0);
        ReadOnlySpan<byte> row = unread[..content];
        if (step == CsvStep.Row && IsBlank(row))
        {
            TakeRow();
            return Outcome.Again;
        }

        Offset = _window.Offset + length;
        Fault = Judge(step, row);
        return Outcome.Row;
    }

    /// <summary>Drops the rest of a row that is too long, and hands it out as a fault when its line end is there.</summary>
    private Outcome Skip()
    {
        ReadOnlySpan<byte> unread = _window.Unread;
        int end = unread.IndexOfAny(LineBreaks.LineFeed, LineBreaks.CarriageReturn);
        bool open = end < 0 || (end + 1 == unread.Length && unread[end] == LineBreaks.CarriageReturn);
        if (open && !_window.Ended)
        {
            _window.Consume(end < 0 ? unread.Length : end);
            return Outcome.More;
        }

        _state = RowState.Between;
        if (end >= 0) _rowLines++;
        _window.Consume(end < 0 ? unread.Length : end + LineBreaks.LengthAt(unread, end));
        _rowLength = _contentLength = 0;
        Offset = _window.Offset;
        Fault = CsvFaults.TooLong(_maxRowBytes);
        return Outcome.Row;
    }

    private RowFault? Judge(CsvStep step, ReadOnlySpan<byte> row)
    {
        if (!Utf8.IsValid(row) || row.Contains((byte)0)) return CsvFaults.Encoding;
        if (step == CsvStep.QuoteOpen) return CsvFaults.QuoteOpen;
        if (step == CsvStep.TextAfterQuote || _scanner.HasTextAfterQuote) return CsvFaults.TextAfterQuote;
        return _scanner.Count < _requiredColumns || _scanner.HasExtra ? CsvFaults.Ragged(_scanner.Count, _columns.Length) : null;
    }

    private bool IsBlank(ReadOnlySpan<byte> row)
    {
        const byte EndMark = 0x1A;
        return row.IsEmpty || row is [EndMark] || (row[0] == (byte)' ' && _columns.Length != 1 && !row.ContainsAnyExcept((byte)' '));
    }

    /// <summary>Moves behind the row handed out last.</summary>
    private void TakeRow()
    {
        _window.Consume(_rowLength);
        _linesBefore += _rowLines;
        _rowLength = _rowLines = _contentLength = 0;
        _scratchUsed = 0;
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text)
    {
        // Room for the whole row at once: a later field must not move an earlier one that the caller still holds.
        if (_scratch.Length - _scratchUsed < text.Length)
        {
            _scratch = new byte[Math.Max(_contentLength, text.Length)];
            _scratchUsed = 0;
        }

        Span<byte> target = _scratch.AsSpan(_scratchUsed);
        int written = 0;
        for (int quote = text.IndexOf((byte)'"'); quote >= 0; quote = text.IndexOf((byte)'"'))
        {
            text[..(quote + 1)].CopyTo(target[written..]);
            written += quote + 1;
            text = text[Math.Min(quote + 2, text.Length)..];
        }

        text.CopyTo(target[written..]);
        written += text.Length;
        _scratchUsed += written;
        return target[..written];
    }
}
