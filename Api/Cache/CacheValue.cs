using System.Buffers.Text;
using System.Text;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Api.Cache;

/// <summary>
/// A value with its content type, as bytes of an entry: "CSV1", the type's length in one byte, the type in ASCII, the value. A value of no particular type
/// (application/octet-stream) is itself, unless it begins like that; which is also how entries that were set by C# callers are read.
/// </summary>
internal static class CacheValue
{
    public const string Bytes = "application/octet-stream";
    public const string Json = "application/json";
    private const int MostType = 255;
    private static ReadOnlySpan<byte> Magic => "CSV1"u8;

    /// <summary>Bytes to leave before a value that is still to come.</summary>
    public static int HeadLength(string type) => type == Bytes ? 0 : Magic.Length + 1 + type.Length;

    public static byte[] Of(string type, ReadOnlySpan<byte> value)
    {
        if (type == Bytes && !value.StartsWith(Magic))
        {
            return value.ToArray();
        }

        var entry = new byte[Magic.Length + 1 + type.Length + value.Length];
        WriteHead(type, entry);
        value.CopyTo(entry.AsSpan(entry.Length - value.Length));
        return entry;
    }

    /// <summary>The same, of bytes that have a value behind <see cref="HeadLength"/> bytes.</summary>
    public static byte[] Complete(string type, byte[] entry)
    {
        if (type == Bytes)
        {
            return entry.AsSpan().StartsWith(Magic) ? Of(type, entry) : entry;
        }

        WriteHead(type, entry);
        return entry;
    }

    /// <summary>The type of an entry and where its value begins. A counter is JSON: a number.</summary>
    public static (string Type, int Start) Read(ReadOnlySpan<byte> entry)
    {
        if (entry.StartsWith(Magic) && entry.Length > Magic.Length && entry.Length > Magic.Length + entry[Magic.Length])
        {
            int start = Magic.Length + 1 + entry[Magic.Length];
            return (Encoding.ASCII.GetString(entry[(Magic.Length + 1)..start]), start);
        }

        return (Utf8Parser.TryParse(entry, out long _, out int digits) && digits == entry.Length ? Json : Bytes, 0);
    }

    /// <summary>A whole number that was sent as JSON: it is kept as a counter, which can be added to.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> entry, out long number)
    {
        var (type, start) = Read(entry);
        var value = entry[start..];
        Span<byte> same = stackalloc byte[20];
        return Utf8Parser.TryParse(value, out number, out int digits) && digits == value.Length && start > 0 && type == Json
            && Utf8Formatter.TryFormat(number, same, out int length) && value.SequenceEqual(same[..length]);
    }

    private static void WriteHead(string type, Span<byte> to)
    {
        Magic.CopyTo(to);
        to[Magic.Length] = (byte)type.Length;
        Encoding.ASCII.GetBytes(type, to[(Magic.Length + 1)..]);
    }

    /// <summary>A content type as it is kept.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static string TypeOf(string? type, string field)
    {
        if (string.IsNullOrWhiteSpace(type))
        {
            return Bytes;
        }

        return type.Length <= MostType && Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _) && Ascii.IsValid(type) && !type.AsSpan().ContainsAnyInRange('\0', '\x1F')
            ? type
            : throw ProblemException.ForField(ProblemKind.Invalid, field, "content-type", $"{field} must be a media type of at most {MostType} characters; it is '{type}'.");
    }
}
