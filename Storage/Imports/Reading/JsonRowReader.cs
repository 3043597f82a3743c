namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// Reads rows that are JSON objects (RFC 8259). Columns are the property names in the order first seen; of a property that occurs twice in one
/// object the last counts. Nested objects and arrays are handed out as written.
/// </summary>
public abstract class JsonRowReader : RowReader
{
    private readonly CountingStream _source;
    private readonly JsonRow _row;
    private int _rowStart;
    private int _rowEnd;
    private long _linesBeforeOffset;

    private protected JsonRowReader(ByteWindow window, CountingStream source, ReadOptions options, ReaderPosition? resume)
    {
        Window = window;
        _source = source;
        Options = options;
        _row = new JsonRow(options.MaxJsonDepth);
        if (resume is not null) _row.AddColumns(resume.Columns);
        LinesBefore = _linesBeforeOffset = resume?.Line ?? 0;
        // Marks in front of the text do not make a position within it.
        Offset = resume?.Offset ?? 0;
    }

    private protected enum Outcome : byte
    {
        Row,
        End,
        More,
    }

    public override IReadOnlyList<string> Columns => _row.Columns;

    public override int FieldCount => _row.Columns.Count;

    public override long SourceBytes => _source.Count;

    public override ReaderPosition Position => new(Offset, _linesBeforeOffset, [.. _row.Columns]);

    public override ReadOnlySpan<byte> Raw => Window.Unread[_rowStart.._rowEnd];

    private protected ByteWindow Window { get; }

    private protected ReadOptions Options { get; }

    /// <summary>Lines in front of what is looked at; when a row is handed out, in front of <see cref="RowReader.Offset"/>.</summary>
    private protected long LinesBefore { get; set; }

    /// <summary>Bytes of the window that the current row takes.</summary>
    private protected int Taken { get; set; }

    public override ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        Window.Consume(Taken);
        Taken = _rowStart = _rowEnd = 0;
        _row.Clear();
        Outcome outcome = Advance();
        return outcome == Outcome.More ? ReadMoreAsync(cancellationToken) : new(outcome == Outcome.Row);
    }

    public override ReadOnlySpan<byte> Field(int column) => _row.Field(column, Raw);

    public override FieldKind KindOf(int column) => _row.KindOf(column);

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Window.DisposeAsync();
    }

    private protected int ErrorAt => _row.ErrorAt;

    /// <summary>Looks for the next row in the window.</summary>
    private protected abstract Outcome Advance();

    /// <summary>Parses the row that stands in the window.</summary>
    private protected void Parse(int start, int end)
    {
        _rowStart = start;
        _rowEnd = end;
        _linesBeforeOffset = LinesBefore;
        Fault = _row.Parse(Raw);
    }

    /// <summary>Hands out a row that is not parsed.</summary>
    private protected void Refuse(int start, int end, RowFault fault)
    {
        _rowStart = start;
        _rowEnd = end;
        _linesBeforeOffset = LinesBefore;
        Fault = fault;
    }

    private protected RowFault TooLong() => CsvFaults.TooLong(Options.MaxRowBytes);

    private async ValueTask<bool> ReadMoreAsync(CancellationToken cancellationToken)
    {
        Outcome outcome;
        do
        {
            await Window.FillAsync(cancellationToken);
            outcome = Advance();
        }
        while (outcome == Outcome.More);
        return outcome == Outcome.Row;
    }
}
