namespace CloudStore.Storage.Imports.Reading;

/// <summary>What can be wrong with a CSV row, in words for the person who will mend it.</summary>
internal static class CsvFaults
{
    public static readonly RowFault Encoding = new("encoding", "The row holds bytes that are no characters in the file's encoding.");

    public static readonly RowFault QuoteOpen = new(
        "quote-not-closed", "A quoted field opens on this line and is not closed where the row should end. Double the quotes that belong to a value.");

    public static readonly RowFault TextAfterQuote = new(
        "text-after-quote", "There is text between a closing quote and the next delimiter. Double the quotes that belong to a value.");

    public static RowFault TooLong(int maxRowBytes) => new(
        "row-too-long", $"The row is longer than {maxRowBytes} bytes, the most accepted (setting Imports:MaxRowBytes).");

    public static RowFault Ragged(int fields, int columns) => new(
        "ragged", $"The row has {fields} field{(fields == 1 ? "" : "s")} but the header has {columns}.");
}
