namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// Tells a CSV file's delimiter from its first rows: the one by which most rows have as many fields as the header, and among equals the one
/// that makes more fields. Delimiters inside quotes do not count.
/// </summary>
internal static class DelimiterSniffer
{
    private const int RowsLookedAt = 50;

    /// <param name="sample">The beginning of the decoded content.</param>
    /// <param name="whole">The sample is all of the content.</param>
    public static byte Sniff(ReadOnlySpan<byte> sample, bool whole)
    {
        byte best = (byte)',';
        (double Share, int Fields) bestScore = (0, 1);
        foreach (byte candidate in ",;\t|"u8)
        {
            (double Share, int Fields) score = Score(candidate, sample, whole);
            if (score.Fields > 1 && score.CompareTo(bestScore) > 0) (best, bestScore) = (candidate, score);
        }

        return best;
    }

    /// <summary>
    /// The delimiter that Excel writes into a first line of the form <c>sep=;</c>, with the bytes that line takes; length 0 where there is none.
    /// </summary>
    public static (byte Delimiter, int Length) Declared(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> text = content;
        bool quoted = text.StartsWith("\""u8);
        if (quoted) text = text[1..];
        if (text.Length < 5 || !(text.StartsWith("sep="u8) || text.StartsWith("SEP="u8))) return default;
        byte delimiter = text[4];
        text = text[5..];
        if (quoted && text.StartsWith("\""u8)) text = text[1..];
        if (text.IsEmpty || text[0] is not (LineBreaks.LineFeed or LineBreaks.CarriageReturn) || delimiter is < (byte)' ' and not (byte)'\t') return default;
        return (delimiter, content.Length - text.Length + LineBreaks.LengthAt(text, 0));
    }

    private static (double Share, int Fields) Score(byte delimiter, ReadOnlySpan<byte> sample, bool whole)
    {
        var scanner = new CsvScanner(delimiter, int.MaxValue / 2);
        int header = 0, rows = 0, alike = 0;
        while (!sample.IsEmpty && rows < RowsLookedAt)
        {
            scanner.Start();
            CsvStep step = scanner.Scan(sample, whole, out int length, out int content);
            if (step == CsvStep.More) break;
            sample = sample[length..];
            if (content == 0) continue;
            if (header == 0) header = scanner.Count;
            else if (scanner.Count == header) alike++;
            rows++;
        }

        return (rows < 2 ? 1 : (double)alike / (rows - 1), header);
    }
}
