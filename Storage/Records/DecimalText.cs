using System.Buffers.Text;
using System.Globalization;

namespace CloudStore.Storage.Records;

/// <summary>
/// Decimals as text without trailing zeros, in UTF-8: digits with a point and no exponent. Databases keep different numbers of zeros, and the value is the same.
/// </summary>
public static class DecimalText
{
    /// <summary>A sign, a zero, a point and 29 digits, or what a decimal of 64 bits with 28 places needs.</summary>
    public const int MostBytes = 64;

    // Dividing by one written with 28 zeros leaves the shortest form.
    private const decimal One = 1.0000000000000000000000000000m;

    /// <param name="value">Any.</param>
    /// <param name="text">At least <see cref="MostBytes"/>.</param>
    /// <param name="decimals">Decimals that are written even where they are zeros: 0 or 1.</param>
    /// <returns>Bytes written.</returns>
    public static int Format(decimal value, Span<byte> text, int decimals = 0)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        int length;
        if (parts[2] == 0)
        {
            length = Format((uint)parts[0] | (ulong)(uint)parts[1] << 32, value.Scale, value < 0, text);
        }
        else
        {
            (value.Scale == 0 ? value : value / One).TryFormat(text, out length, default, CultureInfo.InvariantCulture);
        }

        if (decimals > 0 && !text[..length].Contains((byte)'.'))
        {
            text[length++] = (byte)'.';
            text[length++] = (byte)'0';
        }

        return length;
    }

    // Numbers of up to 64 bits, which nearly all are, several times faster than by decimal's own division and formatting.
    private static int Format(ulong number, int scale, bool negative, Span<byte> text)
    {
        while (scale > 0 && number % 10 == 0)
        {
            number /= 10;
            scale--;
        }

        int length = 0;
        if (negative)
        {
            text[length++] = (byte)'-';
        }

        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int count);
        int whole = count - scale;
        if (whole > 0)
        {
            digits[..whole].CopyTo(text[length..]);
            length += whole;
        }
        else
        {
            text[length++] = (byte)'0';
        }

        if (scale == 0)
        {
            return length;
        }

        text[length++] = (byte)'.';
        for (; whole < 0; whole++)
        {
            text[length++] = (byte)'0';
        }

        digits[whole..count].CopyTo(text[length..]);
        return length + count - whole;
    }
}
