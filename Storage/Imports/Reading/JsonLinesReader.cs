namespace CloudStore.Storage.Imports.Reading;

/// <summary>JSON Lines: one object a line, LF or CR LF, blank lines skipped. A bad line is a fault of that line alone.</summary>
internal sealed class JsonLinesReader : JsonRowReader
{
    private int _scanned;
    private bool _skipping;

    internal JsonLinesReader(ByteWindow window, CountingStream source, ReadOptions options, ReaderPosition? resume)
        : base(window, source, options, resume)
    {
        Format = FileFormat.JsonLines;
    }

    private protected override Outcome Advance()
    {
        while (true)
        {
            ReadOnlySpan<byte> unread = Window.Unread;
            int found = unread[_scanned..].IndexOf(LineBreaks.LineFeed);
            if (found < 0 && !Window.Ended)
            {
                _scanned = unread.Length;
                if (unread.Length <= Options.MaxRowBytes + 1) return Outcome.More;
                _skipping = true;
                Window.Consume(unread.Length);
                _scanned = 0;
                return Outcome.More;
            }

            if (unread.IsEmpty && !_skipping) return Outcome.End;
            int end = found < 0 ? unread.Length : _scanned + found;
            int length = found < 0 ? end : end + 1;
            _scanned = 0;
            Line = LinesBefore + 1;
            if (found >= 0) LinesBefore++;
            if (TakeLine(unread[..end], length)) return Outcome.Row;
        }
    }

    /// <summary>False where the line is blank.</summary>
    private bool TakeLine(ReadOnlySpan<byte> line, int length)
    {
        if (!line.IsEmpty && line[^1] == LineBreaks.CarriageReturn) line = line[..^1];
        if (_skipping || line.Length > Options.MaxRowBytes)
        {
            _skipping = false;
            Window.Consume(length);
            Offset = Window.Offset;
            Refuse(0, 0, TooLong());
            return true;
        }

        if (line.Trim(" \t\r"u8).IsEmpty)
        {
            Window.Consume(length);
            return false;
        }

        Taken = length;
        Offset = Window.Offset + length;
        Parse(0, line.Length);
        return true;
    }
}
