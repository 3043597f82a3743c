namespace CloudStore.Storage.Imports.Reading;

/// <summary>Opens files of rows, whatever their compression, encoding, format and delimiter are.</summary>
public static class RowReaders
{
    /// <summary>Decoded bytes looked at to tell the format and the delimiter.</summary>
    private const int SampleBytes = 64 * 1024;

    /// <summary>
    /// Opens a file and finds out how to read it: gzip by its magic, the encoding by byte-order mark or content, the format and the delimiter
    /// by the first rows. What <paramref name="options"/> says is not guessed.
    /// </summary>
    /// <param name="open">Opens the file at its first byte. The reader owns the stream. If the stream can seek, going on in plain UTF-8 costs nothing.</param>
    /// <param name="sourceLength">Bytes of the file as stored, or negative where that is not known. 0 is refused as empty without opening it.</param>
    /// <param name="resume">
    /// Where to go on, from <see cref="RowReader.Position"/> of another reader of the same file with the same options: the rows are then
    /// those that reader would have given next, with the same lines, offsets and columns. Null starts at the first row.
    /// </param>
    /// <exception cref="UnreadableFileException">The file is empty, is no text, is a gzip bomb, or has no usable header.</exception>
    public static async Task<RowReader> OpenAsync(
        Func<CancellationToken, ValueTask<Stream>> open,
        long sourceLength,
        ReadOptions options,
        ReaderPosition? resume,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(options);
        if (sourceLength == 0) throw Empty();
        var source = new CountingStream(await open(cancellationToken));
        try
        {
            return await OpenSourceAsync(source, options, resume, cancellationToken);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Reads JSON Lines in UTF-8 from a stream that may have no end: nothing is looked at in advance, a row is handed out as soon as its line is
    /// complete. The reader owns the stream.
    /// </summary>
    public static RowReader OpenJsonLines(Stream stream, ReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var source = new CountingStream(stream);
        return new JsonLinesReader(new ByteWindow(source, options.MaxDecodedBytes), source, options, null);
    }

    private static async Task<RowReader> OpenSourceAsync(
        CountingStream source, ReadOptions options, ReaderPosition? resume, CancellationToken cancellationToken)
    {
        (Stream content, SniffedEncoding encoding, bool plain) = await ContentOpener.OpenAsync(source, options, cancellationToken);
        var window = new ByteWindow(content, options.MaxDecodedBytes);
        await window.FillToAsync(SampleBytes, cancellationToken);
        window.Consume(MangledMarkLength(window.Unread));
        Layout layout = FindLayout(window, options);

        if (resume is { Offset: > 0 })
        {
            if (plain && source.SourceCanSeek)
            {
                source.ContinueAt(encoding.PreambleLength + resume.Offset);
                window = new ByteWindow(source, options.MaxDecodedBytes, resume.Offset);
            }
            else if (!await window.SkipToAsync(resume.Offset, cancellationToken))
            {
                throw new UnreadableFileException("empty", $"The file ends before byte {resume.Offset}, where reading has to go on: it has changed.");
            }
        }
        else
        {
            resume = null;
        }

        RowReader reader = await MakeReaderAsync(window, source, layout, options, resume, cancellationToken);
        reader.EncodingName = encoding.Name;
        return reader;
    }

    /// <summary>A byte-order mark that was written twice, or taken for Windows-1252 and converted to UTF-8 once more.</summary>
    private static int MangledMarkLength(ReadOnlySpan<byte> content) =>
        content.StartsWith("\uFEFF"u8) ? 3 : content.StartsWith("ï»¿"u8) ? 6 : 0;

    private static Layout FindLayout(ByteWindow window, ReadOptions options)
    {
        ReadOnlySpan<byte> sample = window.Unread;
        if (sample.Trim(" \t\r\n\u001A"u8).IsEmpty) throw Empty();
        FileFormat format = options.Format ?? FormatSniffer.Format(sample);
        if (format == FileFormat.JsonLines) return new(format, 0, 0, FormatSniffer.SpansLines(sample, options.MaxJsonDepth));
        if (format == FileFormat.JsonArray) return new(format, 0, 0, false);
        (byte declared, int length) = DelimiterSniffer.Declared(sample);
        if (options.Delimiter is { } given)
        {
            if (given is >= '\u0080' or '"' or '\r' or '\n' or '\0')
                throw new ArgumentException("A delimiter is one ASCII character other than a quote or a line end.", nameof(options));
            return new(format, (byte)given, length, false);
        }

        return new(format, length > 0 ? declared : DelimiterSniffer.Sniff(sample, window.Ended), length, false);
    }

    private static async Task<RowReader> MakeReaderAsync(
        ByteWindow window, CountingStream source, Layout layout, ReadOptions options, ReaderPosition? resume, CancellationToken cancellationToken)
    {
        if (layout.Format == FileFormat.JsonLines && !layout.SpansLines) return new JsonLinesReader(window, source, options, resume);
        if (layout.Format != FileFormat.Csv) return new JsonElementReader(window, source, options, layout.Format == FileFormat.JsonArray, resume);
        if (resume is null) window.Consume(layout.DeclarationLength);
        long linesBefore = resume?.Line ?? (layout.DeclarationLength > 0 ? 1 : 0);
        var csv = new CsvRowReader(window, source, layout.Delimiter, options.MaxRowBytes, linesBefore);
        if (resume is null) await csv.ReadHeaderAsync(cancellationToken);
        else csv.SetColumns(resume.Columns);
        return csv;
    }

    private static UnreadableFileException Empty() => new("empty", "The file holds nothing.");

    /// <param name="DeclarationLength">Bytes of a first line that declares the delimiter.</param>
    /// <param name="SpansLines">JSON objects that go over several lines.</param>
    private readonly record struct Layout(FileFormat Format, byte Delimiter, int DeclarationLength, bool SpansLines);
}
