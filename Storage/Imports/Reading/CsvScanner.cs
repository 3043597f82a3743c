using System.Runtime.CompilerServices;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>How the scan of a row ended.</summary>
internal enum CsvStep
{
    /// <summary>The row goes on behind the bytes given: call again with more.</summary>
    More,

    /// <summary>The row was told apart into fields.</summary>
    Row,

    /// <summary>The row is longer than allowed. It has to be skipped up to its line end.</summary>
    TooLong,

    /// <summary>A quote opens and does not close sensibly. Only the row's first line is taken.</summary>
    QuoteOpen,

    /// <summary>Text behind a quote that closes on a later line. Only the row's first line is taken.</summary>
    TextAfterQuote,
}

/// <summary>
/// Tells one CSV row (RFC 4180, any line end) apart into fields. It can stop anywhere for want of bytes and go on without looking at a byte
/// twice; what it finds does not depend on where the bytes were cut. Positions are relative to the row's first byte.
/// </summary>
internal sealed class CsvScanner(byte delimiter, int maxRowBytes)
{
    private const byte Quote = (byte)'"';

    private int[] _starts = new int[32];
    private int[] _lengths = new int[32];
    private CsvFieldForm[] _forms = new CsvFieldForm[32];
    private State _state;
    private int _pos;
    private int _fieldStart;
    private int _quoteEnd;
    private bool _doubled;

    private enum State : byte
    {
        FieldStart,
        Plain,
        Quoted,
        AfterQuote,
    }

    /// <summary>Most fields kept; those behind are only counted.</summary>
    public int Columns { get; set; } = int.MaxValue;

    /// <summary>Fields kept.</summary>
    public int Fields { get; private set; }

    /// <summary>Fields of the row in all.</summary>
    public int Count { get; private set; }

    /// <summary>A field behind the last column holds something.</summary>
    public bool HasExtra { get; private set; }

    /// <summary>A quoted field has text between its closing quote and the next delimiter.</summary>
    public bool HasTextAfterQuote { get; private set; }

    /// <summary>Line ends inside quotes.</summary>
    public int Breaks { get; private set; }

    public int StartOf(int field) => _starts[field];

    public int LengthOf(int field) => _lengths[field];

    public CsvFieldForm FormOf(int field) => _forms[field];

    /// <summary>Makes ready for the next row.</summary>
    public void Start()
    {
        _state = State.FieldStart;
        _pos = _fieldStart = 0;
        Fields = Count = Breaks = 0;
        HasExtra = HasTextAfterQuote = _doubled = false;
    }

    /// <param name="unread">All bytes at hand from the row's first on.</param>
    /// <param name="ended">Nothing follows them.</param>
    /// <param name="rowLength">Bytes to take, with the line end. For a row that is too long: where the search for its line end starts.</param>
    /// <param name="contentLength">The same without the line end.</param>
    public CsvStep Scan(ReadOnlySpan<byte> unread, bool ended, out int rowLength, out int contentLength)
    {
        // Nothing beyond the longest row and its line end is looked at, so that the verdict does not depend on how much happens to be there.
        int limit = maxRowBytes + 2;
        bool cut = unread.Length > limit;
        ReadOnlySpan<byte> data = cut ? unread[..limit] : unread;
        CsvStep step = ScanFields(data, ended && !cut, out rowLength, out contentLength);
        if (step == CsvStep.More && cut)
        {
            step = _state == State.Quoted ? CsvStep.QuoteOpen : CsvStep.TooLong;
            rowLength = _pos;
        }

        if (step == CsvStep.Row && contentLength > maxRowBytes)
        {
            rowLength = contentLength;
            return CsvStep.TooLong;
        }

        return step is CsvStep.QuoteOpen or CsvStep.TextAfterQuote ? TakeFirstLine(step, data, ended && !cut, out rowLength, out contentLength) : step;
    }

    private CsvStep ScanFields(ReadOnlySpan<byte> data, bool final, out int rowLength, out int contentLength)
    {
        rowLength = contentLength = 0;
        while (true)
        {
            if (_state == State.FieldStart)
            {
                if (_pos == data.Length && !final) return CsvStep.More;
                bool quoted = _pos < data.Length && data[_pos] == Quote;
                _state = quoted ? State.Quoted : State.Plain;
                if (quoted) _pos++;
            }

            if (_state == State.Quoted && ScanQuoted(data, final) is { } stop) return stop;
            if (_state == State.AfterQuote)
            {
                while (_pos < data.Length && data[_pos] == (byte)' ' && delimiter != (byte)' ') _pos++;
                if (_pos == data.Length && !final) return CsvStep.More;
                if (_pos < data.Length && !EndsField(data[_pos]))
                {
                    HasTextAfterQuote = true;
                    if (Breaks > 0) return CsvStep.TextAfterQuote;
                    _state = State.Plain;
                }
            }

            int end = _pos;
            if (_state == State.Plain)
            {
                int found = data[_pos..].IndexOfAny(delimiter, LineBreaks.LineFeed, LineBreaks.CarriageReturn);
                end = found < 0 ? data.Length : _pos + found;
            }

            _pos = end;
            bool atEnd = end == data.Length;
            if (!final && (atEnd || (data[end] == LineBreaks.CarriageReturn && end + 1 == data.Length))) return CsvStep.More;
            AddField(end);
            if (Breaks > 0 && HasExtra) return CsvStep.QuoteOpen;
            if (atEnd || data[end] != delimiter)
            {
                contentLength = end;
                rowLength = atEnd ? end : end + LineBreaks.LengthAt(data, end);
                return CsvStep.Row;
            }

            _pos = _fieldStart = end + 1;
            _state = State.FieldStart;
        }
    }

    /// <summary>Goes to the closing quote. Null when there, else why not.</summary>
    private CsvStep? ScanQuoted(ReadOnlySpan<byte> data, bool final)
    {
        while (true)
        {
            int found = data[_pos..].IndexOf(Quote);
            if (found < 0)
            {
                _pos = data.Length;
                return final ? CsvStep.QuoteOpen : CsvStep.More;
            }

            _pos += found;
            if (_pos + 1 == data.Length && !final) return CsvStep.More;
            if (_pos + 1 == data.Length || data[_pos + 1] != Quote) break;
            _doubled = true;
            _pos += 2;
        }

        _quoteEnd = _pos++;
        Breaks += LineBreaks.Count(data[(_fieldStart + 1).._quoteEnd]);
        _state = State.AfterQuote;
        return null;
    }

    private void AddField(int end)
    {
        bool quoted = _state == State.AfterQuote;
        int start = quoted ? _fieldStart + 1 : _fieldStart;
        int length = (quoted ? _quoteEnd : end) - start;
        if (Count++ < Columns)
        {
            if (Fields == _starts.Length) Grow();
            _starts[Fields] = start;
            _lengths[Fields] = length;
            _forms[Fields++] = !quoted ? CsvFieldForm.Plain : _doubled ? CsvFieldForm.QuotedDoubled : CsvFieldForm.Quoted;
        }
        else if (length > 0)
        {
            HasExtra = true;
        }

        _doubled = false;
    }

    /// <summary>The row's first line is all that is taken of it; its fields are those that end on that line.</summary>
    private CsvStep TakeFirstLine(CsvStep step, ReadOnlySpan<byte> data, bool final, out int rowLength, out int contentLength)
    {
        contentLength = data.IndexOfAny(LineBreaks.LineFeed, LineBreaks.CarriageReturn);
        rowLength = 0;
        Breaks = 0;
        if (contentLength < 0 && final) contentLength = rowLength = data.Length;
        else if (contentLength < 0 || (contentLength + 1 == data.Length && !final)) return CsvStep.TooLong;
        else rowLength = contentLength + LineBreaks.LengthAt(data, contentLength);
        if (contentLength > maxRowBytes)
        {
            rowLength = contentLength;
            return CsvStep.TooLong;
        }

        while (Fields > 0 && _starts[Fields - 1] + _lengths[Fields - 1] > contentLength) Fields--;
        return step;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool EndsField(byte b) => b == delimiter || b is LineBreaks.LineFeed or LineBreaks.CarriageReturn;

    private void Grow()
    {
        int size = _starts.Length * 2;
        Array.Resize(ref _starts, size);
        Array.Resize(ref _lengths, size);
        Array.Resize(ref _forms, size);
    }
}

/// <summary>How a CSV field was written.</summary>
internal enum CsvFieldForm : byte
{
    Plain,
    Quoted,

    /// <summary>Quoted, and it holds doubled quotes.</summary>
    QuotedDoubled,
}
