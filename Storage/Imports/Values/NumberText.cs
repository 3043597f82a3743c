using System.Collections.Frozen;
using System.Text;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Imports.Values;

/// <summary>Takes off a number what stands around its digits: sign, currency, percent sign, accounting parentheses.</summary>
internal static class NumberText
{
    private static readonly FrozenSet<int> s_codes =
        Currencies.All.Select(code => Pack(Encoding.ASCII.GetBytes(code))).ToFrozenSet();

    // Longer ones first, where one begins with another.
    private static readonly byte[][] s_signs =
        [.. "US$ CA$ AU$ C$ A$ R$ $ € £ ¥ ₹ ₩ ₽ ₺ ₫ ₪ ₦ ฿ ￥ Rs. Rs kr zł Kč Ft".Split(' ').Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] s_spaces = [.. new[] { " ", "\t", "\u00A0", "\u202F", "\u2009" }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Without white space around it, no-break spaces included.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (text is [<= (byte)' ' or 0xC2 or 0xE2, ..] && StartsWithAny(text, s_spaces) is > 0 and var length) text = text[length..];
        while (text is [.., <= (byte)' ' or 0xA0 or 0xAF or 0x89] && EndsWithAny(text, s_spaces) is > 0 and var length) text = text[..^length];
        return text;
    }

    /// <summary>Bytes of the space (plain, no-break or narrow) that the text starts with, or 0.</summary>
    public static int SpaceAt(ReadOnlySpan<byte> text) => StartsWithAny(text, s_spaces);

    /// <param name="digits">What is left: it starts with a digit or a mark, unless the result is false.</param>
    public static bool TryStrip(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> digits, out bool negative, out bool percent)
    {
        bool currency = false, sign = false;
        negative = percent = false;
        digits = text;
        while (!digits.IsEmpty && !IsDigitOrMark(digits[0]))
        {
            if (!TakeParentheses(ref digits, ref negative, ref sign)
                && !TakeSign(ref digits, ref negative, ref sign)
                && (currency || !(currency = TakeCurrency(ref digits, front: true)))) return false;
            digits = Trim(digits);
        }

        while (!digits.IsEmpty && !IsDigitOrMark(digits[^1]))
        {
            if (!percent && digits[^1] == (byte)'%')
            {
                percent = true;
                digits = digits[..^1];
            }
            else if (!sign && digits[^1] == (byte)'-')
            {
                negative = sign = true;
                digits = digits[..^1];
            }
            else if (currency || !(currency = TakeCurrency(ref digits, front: false)))
            {
                return false;
            }

            digits = Trim(digits);
        }

        return !digits.IsEmpty;
    }

    /// <summary>The spellings of "not a number" and "infinity" that programs write.</summary>
    public static bool IsNotFinite(ReadOnlySpan<byte> text) =>
        Ascii.EqualsIgnoreCase(text, "nan"u8) || Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "infinity"u8)
        || text.SequenceEqual("∞"u8);

    private static bool IsDigitOrMark(byte b) => b is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)',';

    private static bool TakeParentheses(ref ReadOnlySpan<byte> text, ref bool negative, ref bool sign)
    {
        if (sign || text is not [(byte)'(', .., (byte)')']) return false;
        negative = sign = true;
        text = text[1..^1];
        return true;
    }

    private static bool TakeSign(ref ReadOnlySpan<byte> text, ref bool negative, ref bool sign)
    {
        ReadOnlySpan<byte> minus = "\u2212"u8;
        int length = text[0] is (byte)'-' or (byte)'+' ? 1 : text.StartsWith(minus) ? minus.Length : 0;
        if (sign || length == 0) return false;
        negative = text[0] != (byte)'+';
        sign = true;
        text = text[length..];
        return true;
    }

    private static bool TakeCurrency(ref ReadOnlySpan<byte> text, bool front)
    {
        int length = front ? StartsWithAny(text, s_signs) : EndsWithAny(text, s_signs);
        if (length == 0 && text.Length > 3)
        {
            ReadOnlySpan<byte> code = front ? text[..3] : text[^3..];
            if (s_codes.Contains(Pack(code))) length = 3;
        }

        if (length == 0) return false;
        text = front ? text[length..] : text[..^length];
        return true;
    }

    private static int Pack(ReadOnlySpan<byte> code) => ((code[0] & ~0x20) << 16) | ((code[1] & ~0x20) << 8) | (code[2] & ~0x20);

    private static int StartsWithAny(ReadOnlySpan<byte> text, byte[][] candidates)
    {
        foreach (byte[] candidate in candidates)
        {
            if (text.StartsWith(candidate)) return candidate.Length;
        }

        return 0;
    }

    private static int EndsWithAny(ReadOnlySpan<byte> text, byte[][] candidates)
    {
        foreach (byte[] candidate in candidates)
        {
            if (text.EndsWith(candidate)) return candidate.Length;
        }

        return 0;
    }
}
