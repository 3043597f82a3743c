namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// The elements of one JSON array, or JSON objects one behind the other over any number of lines. An element that is too long, too deep or
/// no object is a fault of that row; where the text between or inside elements is not JSON, the file is unreadable from there on.
/// </summary>
internal sealed class JsonElementReader : JsonRowReader
{
    private readonly JsonScanner _scanner = new();
    private readonly bool _array;
    private State _state;
    private bool _dropping;

    internal JsonElementReader(ByteWindow window, CountingStream source, ReadOptions options, bool array, ReaderPosition? resume)
        : base(window, source, options, resume)
    {
        _array = array;
        Format = array ? FileFormat.JsonArray : FileFormat.JsonLines;
        _state = !array ? State.BeforeElement : resume is null ? State.BeforeArray : State.BehindElement;
    }

    private enum State : byte
    {
        BeforeArray,
        BeforeFirst,
        BeforeElement,
        InElement,
        BehindElement,
        BehindArray,
    }

    private protected override Outcome Advance()
    {
        while (true)
        {
            if (_state == State.InElement) return ScanElement();
            if (!SkipBlanks())
            {
                if (!Window.Ended) return Outcome.More;
                return !_array || _state == State.BehindArray ? Outcome.End : throw NotJson("The file ends before the array is closed.", 0);
            }

            Step(Window.Unread[0]);
        }
    }

    /// <summary>False where nothing else is in the window.</summary>
    private bool SkipBlanks()
    {
        ReadOnlySpan<byte> unread = Window.Unread;
        int at = unread.IndexOfAnyExcept(" \t\r\n"u8);
        int blank = at < 0 ? unread.Length : at;
        LinesBefore += unread[..blank].Count(LineBreaks.LineFeed);
        Window.Consume(blank);
        return at >= 0;
    }

    private void Step(byte b)
    {
        State next = (_state, b) switch
        {
            (State.BeforeArray, (byte)'[') => State.BeforeFirst,
            (State.BeforeArray, _) => throw NotJson("A JSON array starts with [.", 0),
            (State.BeforeFirst or State.BehindElement, (byte)']') => State.BehindArray,
            (State.BehindElement, (byte)',') => State.BeforeElement,
            (State.BehindElement, _) => throw NotJson("A comma or ] has to follow an element of the array.", 0),
            (State.BehindArray, _) => throw NotJson("There is text behind the end of the array.", 0),
            (_, (byte)',' or (byte)']' or (byte)'}') => throw NotJson("An element is missing here.", 0),
            _ => State.InElement,
        };
        if (next == State.InElement)
        {
            Line = LinesBefore + 1;
            _scanner.Start();
        }
        else
        {
            Window.Consume(1);
        }

        _state = next;
    }

    private Outcome ScanElement()
    {
        ReadOnlySpan<byte> unread = Window.Unread;
        int length = _scanner.Scan(unread, Window.Ended);
        if (length < 0)
        {
            if (Window.Ended) throw NotJson($"The file ends within the element that starts on line {Line}.", unread.Length);
            if (unread.Length > Options.MaxRowBytes) Drop(unread);
            return Outcome.More;
        }

        _state = _array ? State.BehindElement : State.BeforeElement;
        LinesBefore += unread[..length].Count(LineBreaks.LineFeed);
        Taken = length;
        Offset = Window.Offset + length;
        if (_dropping || length > Options.MaxRowBytes) Refuse(0, 0, TooLong());
        else if (_scanner.MaxDepth > Options.MaxJsonDepth) Refuse(0, length, JsonRow.TooDeep(Options.MaxJsonDepth));
        else Parse(0, length);
        _dropping = false;
        if (Fault is { Rule: "not-json" } fault)
        {
            LinesBefore = Line - 1;
            throw NotJson(fault.Reason, ErrorAt);
        }

        return Outcome.Row;
    }

    private void Drop(ReadOnlySpan<byte> unread)
    {
        int dropped = _scanner.Drop();
        if (dropped == 0) throw NotJson($"A number or word is longer than {Options.MaxRowBytes} bytes.", 0);
        LinesBefore += unread[..dropped].Count(LineBreaks.LineFeed);
        Window.Consume(dropped);
        _dropping = true;
    }

    private UnreadableFileException NotJson(string what, int at)
    {
        long line = LinesBefore + 1 + Window.Unread[..at].Count(LineBreaks.LineFeed);
        return new("not-json", $"The file is not JSON at line {line}, byte {Window.Offset + at} of its text. {what}");
    }
}
