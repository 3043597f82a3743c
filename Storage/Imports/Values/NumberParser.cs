using System.Buffers.Text;
using System.Globalization;

namespace CloudStore.Storage.Imports.Values;

/// <summary>
/// Reads numbers the way people and their tools write them: currency signs and ISO 4217 codes, thousands separators (comma, dot, apostrophe,
/// spaces; Indian groups too), decimal comma, percent sign, exponent, accounting parentheses, trailing minus. Allocates nothing. Text in UTF-8.
/// </summary>
public static class NumberParser
{
    /// <summary>Longer texts are not numbers but noise.</summary>
    private const int MaxLength = 256;

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, DecimalMark, bool, out decimal, out bool, out NumberFault)"/>
    public static bool TryParse(ReadOnlySpan<byte> text, DecimalMark mark, out decimal value, out NumberFault fault) =>
        TryParse(text, mark, false, out value, out _, out fault);

    /// <summary>Reads one number.</summary>
    /// <param name="mark">The column's decimal mark; with Unknown it is told from the value, and <see cref="NumberFault.Ambiguous"/> where it cannot be.</param>
    /// <param name="dotMayGroup">
    /// With the mark Unknown: a single dot before exactly three digits may group thousands. True for files separated by semicolons, which come
    /// from where the comma is the decimal mark.
    /// </param>
    /// <param name="value">The number as written; a percentage is not divided by 100.</param>
    /// <param name="percent">The number carried a percent sign.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> text, DecimalMark mark, bool dotMayGroup, out decimal value, out bool percent, out NumberFault fault)
    {
        percent = false;
        fault = NumberFault.None;
        if (TryPlain(text, mark, dotMayGroup, out value)) return true;
        text = NumberText.Trim(text);
        if (text.IsEmpty || text.Length > MaxLength)
        {
            fault = text.IsEmpty ? NumberFault.Empty : NumberFault.NotANumber;
            return false;
        }

        if (!NumberText.TryStrip(text, out ReadOnlySpan<byte> digits, out bool negative, out percent))
        {
            fault = NumberText.IsNotFinite(digits) ? NumberFault.NotFinite : NumberFault.NotANumber;
            return false;
        }

        Span<byte> plain = stackalloc byte[MaxLength + 1];
        fault = NumberGroups.Normalize(digits, mark, dotMayGroup, plain, out int length);
        if (fault != NumberFault.None) return false;
        if (!decimal.TryParse(plain[..length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value))
        {
            fault = NumberFault.OutOfRange;
            return false;
        }

        if (negative && value != 0) value = -value;
        return true;
    }

    /// <summary>ASCII digits, at most 18 of them, with an optional sign and dot: nearly all numbers of nearly all files.</summary>
    private static bool TryPlain(ReadOnlySpan<byte> text, DecimalMark mark, bool dotMayGroup, out decimal value)
    {
        value = 0;
        if (text.IsEmpty) return false;
        bool negative = text[0] == (byte)'-';
        if (negative || text[0] == (byte)'+') text = text[1..];
        if (text.Length is 0 or > 19) return false;
        ulong number = 0;
        int dot = -1;
        for (int i = 0; i < text.Length; i++)
        {
            uint digit = (uint)(text[i] - '0');
            if (digit <= 9)
            {
                number = (number * 10) + digit;
                continue;
            }

            if (text[i] != (byte)'.' || dot >= 0) return false;
            dot = i;
        }

        int digits = dot < 0 ? text.Length : text.Length - 1;
        if (digits is 0 or > 18) return false;
        int scale = dot < 0 ? 0 : digits - dot;
        if (dot >= 0 && (mark == DecimalMark.Comma || (mark == DecimalMark.Unknown && dotMayGroup && scale == 3))) return false;
        value = new decimal((int)number, (int)(number >> 32), 0, negative && number != 0, (byte)scale);
        return true;
    }

    /// <summary>Whether the text is a whole number of plain digits, and its value: what <see cref="ColumnSurvey"/> weighs groups against.</summary>
    internal static bool IsPlainInteger(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length;
}
