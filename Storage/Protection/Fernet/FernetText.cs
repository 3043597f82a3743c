using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace CloudStore.Storage.Protection.Fernet;

/// <summary>
/// Base64url (RFC 4648 section 5) as Fernet writes it, with padding. Reading is strict: no white space, no other alphabet, and no bits behind the
/// last byte, so that a changed character is never read as the same bytes. Padding may be absent, which some systems cut off, but not be wrong.
/// </summary>
internal static class FernetText
{
    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = Base64Url.EncodeToString(bytes);
        return text.Length % 4 == 0 ? text : text.PadRight((text.Length / 4 + 1) * 4, '=');
    }

    /// <summary>Bytes enough for what a text of this length decodes to.</summary>
    public static int MaxLength(int textLength) => textLength / 4 * 3 + 3;

    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, out int length)
    {
        length = 0;
        var body = text.TrimEnd((byte)'=');
        int padding = text.Length - body.Length;
        if ((padding > 0 && (padding > 2 || text.Length % 4 != 0)) || body.Length % 4 == 1 || body.ContainsAnyExcept(Alphabet) || MaxLength(body.Length) - 3 > bytes.Length)
        {
            return false;
        }

        return Base64Url.DecodeFromUtf8(body, bytes, out _, out length) == OperationStatus.Done && EndsAsEncoded(body, bytes[..length]);
    }

    // Two or three characters hold four or two bits more than their bytes; these have to be 0.
    private static bool EndsAsEncoded(ReadOnlySpan<byte> body, ReadOnlySpan<byte> bytes)
    {
        int rest = bytes.Length % 3;
        if (rest == 0)
        {
            return true;
        }

        Span<byte> last = stackalloc byte[4];
        int written = Base64Url.EncodeToUtf8(bytes[^rest..], last);
        return body.EndsWith(last[..written]);
    }
}
