using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace CloudStore.Storage.Records.Rules;

/// <summary>
/// Rules of JSON documents in records: of the right kind, at most 64 KiB of UTF-8, 32 levels deep, and with nothing in them that a jsonb column refuses
/// (PostgreSQL manual, section 8.14: the character U+0000, unpaired surrogates, numbers beyond numeric). Nothing is allocated where a document is right.
/// </summary>
internal static class JsonRules
{
    public const int LargestBytes = 64 * 1024;
    public const int Deepest = 32;
    private const int LongestNumber = 100;
    private const int LargestExponent = 308;

    public static void CheckObject(string field, string? json, Action<string, string, string> report) => Check(field, json, JsonTokenType.StartObject, "object", report);

    public static void CheckArray(string field, string? json, Action<string, string, string> report) => Check(field, json, JsonTokenType.StartArray, "array", report);

    private static void Check(string field, string? json, JsonTokenType kind, string kindName, Action<string, string, string> report)
    {
        if (json is null)
        {
            return;
        }

        if (json.Length > LargestBytes || Encoding.UTF8.GetByteCount(json) > LargestBytes)
        {
            report(field, "max-length", $"{field} may have at most {LargestBytes} bytes.");
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
        try
        {
            int length = Encoding.UTF8.GetBytes(json, rented);
            var (rule, message) = Fault(rented.AsSpan(0, length), kind, kindName);
            if (rule is not null)
            {
                report(field, rule, $"{field} {message}.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static (string? Rule, string? Message) Fault(ReadOnlySpan<byte> json, JsonTokenType kind, string kindName)
    {
        // Deeper than is allowed, so that depth is told from broken syntax.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        try
        {
            bool first = true;
            while (reader.Read())
            {
                if (first && reader.TokenType != kind)
                {
                    return ("type", $"must be a JSON {kindName}");
                }

                first = false;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= Deepest)
                {
                    return ("max-depth", $"is nested more than {Deepest} levels deep");
                }

                if (reader.ValueIsEscaped && !IsStorableText(ref reader))
                {
                    return ("unicode", "has a text with U+0000 or half of a surrogate pair in it");
                }

                if (reader.TokenType == JsonTokenType.Number && !IsStorableNumber(reader.ValueSpan))
                {
                    return ("range", "has a number in it that is too large or too long");
                }
            }

            return (null, null);
        }
        catch (JsonException)
        {
            return ("json", "is not well-formed JSON");
        }
    }

    private static bool IsStorableText(ref Utf8JsonReader reader)
    {
        var rented = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return !rented.AsSpan(0, reader.CopyString(rented)).Contains('\0');
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private static bool IsStorableNumber(ReadOnlySpan<byte> number)
    {
        if (number.Length > LongestNumber)
        {
            return false;
        }

        int e = number.IndexOfAny((byte)'e', (byte)'E');
        if (e < 0)
        {
            return true;
        }

        var exponent = number[(e + 1)..];
        exponent = exponent[0] == '+' ? exponent[1..] : exponent;
        return Utf8Parser.TryParse(exponent, out int value, out _) && Math.Abs((long)value) <= LargestExponent;
    }
}
