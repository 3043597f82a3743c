using System.Buffers.Text;
using System.Text;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Exports.Writing;

/// <summary>A column of an exported file: a field of the import target, read instead of set, in the text form that imports read without doubt.</summary>
internal sealed class ExportColumn<T>(ImportField<T> source)
{
    private const int DayLength = 10;
    private const int SecondsLength = 19;

    public string Name => source.Name;

    /// <summary>The record's property.</summary>
    public string Property => source.Property;

    public FieldType Type => source.Type;

    public string? Text(T row) => source.ReadText(row);

    public DateTime? Instant(T row) => source.ReadInstant!(row);

    /// <summary>
    /// Writes the value as text: numbers with a point and without an exponent, a midnight as its day, another instant in ISO 8601 with a Z.
    /// </summary>
    /// <returns>False where the row has no value; nothing is written then.</returns>
    public bool TryWrite(T row, Utf8Buffer to)
    {
        switch (Type)
        {
            case FieldType.Integer when source.ReadInteger!(row) is { } whole:
                Utf8Formatter.TryFormat(whole, to.GetSpan(20), out int digits);
                to.Advance(digits);
                return true;
            case FieldType.Decimal or FieldType.Ratio when source.ReadDecimal!(row) is { } number:
                to.Advance(DecimalText.Format(number, to.GetSpan(DecimalText.MostBytes)));
                return true;
            case FieldType.Instant when source.ReadInstant!(row) is { } instant:
                WriteInstant(instant, to);
                return true;
            case FieldType.Text or FieldType.Json when source.ReadText(row) is { Length: > 0 } text:
                to.Advance(Encoding.UTF8.GetBytes(text, to.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
                return true;
            default:
                return false;
        }
    }

    private static void WriteInstant(DateTime utc, Utf8Buffer to)
    {
        // yyyy-MM-ddTHH:mm:ss.fffffffZ, of which the end is cut off as far as it is zeros.
        var text = to.GetSpan(32);
        Utf8Formatter.TryFormat(DateTime.SpecifyKind(utc, DateTimeKind.Utc), text, out int length, 'O');
        if (utc.TimeOfDay == TimeSpan.Zero)
        {
            to.Advance(DayLength);
            return;
        }

        int end = length - 1;
        while (text[end - 1] == (byte)'0' && end > SecondsLength)
        {
            end--;
        }

        end = text[end - 1] == (byte)'.' ? end - 1 : end;
        text[end] = (byte)'Z';
        to.Advance(end + 1);
    }
}
