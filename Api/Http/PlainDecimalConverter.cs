using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.Api.Http;

/// <summary>Writes decimals without trailing zeros: databases keep different numbers of them, and the value is the same.</summary>
public sealed class PlainDecimalConverter : JsonConverter<decimal>
{
    // Dividing by one written with 28 zeros leaves the shortest form.
    private const decimal One = 1.0000000000000000000000000000m;

    // Digits of the largest ulong, a sign, a point, and as many zeros as a decimal has places.
    private const int MostBytes = 20 + 2 + 28;

    /// <inheritdoc/>
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        if (parts[2] != 0)
        {
            writer.WriteNumberValue(value.Scale == 0 ? value : value / One);
            return;
        }

        Span<byte> text = stackalloc byte[MostBytes];
        writer.WriteRawValue(text[..Format((uint)parts[0] | (ulong)(uint)parts[1] << 32, value.Scale, value < 0, text)], skipInputValidation: true);
    }

    // Numbers of up to 64 bits, which nearly all are, several times faster than through decimal's own division and formatting.
    private static int Format(ulong number, int scale, bool negative, Span<byte> text)
    {
        while (scale > 0 && number % 10 == 0)
        {
            number /= 10;
            scale--;
        }

        int length = 0;
        if (negative && number != 0)
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
