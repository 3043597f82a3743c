using System.Net.Mime;
using System.Text;
using System.Text.Unicode;

namespace CloudStore.Storage.Files;

/// <summary>
/// A content's media type by its first bytes, as https://mimesniff.spec.whatwg.org does it. What the sender says counts only among the types of text, which no signature tells apart, and
/// never for one that a browser would run.
/// </summary>
public static class MediaType
{
    public const string Unknown = "application/octet-stream";
    public const string Wave = "audio/wav";

    private static readonly (int Offset, byte[] Bytes, string Type)[] Signatures =
    [
        (8, "WAVE"u8.ToArray(), Wave), (8, "WEBP"u8.ToArray(), "image/webp"), (8, "AVI "u8.ToArray(), "video/avi"),
        (0, "OggS\0"u8.ToArray(), "audio/ogg"), (0, "fLaC"u8.ToArray(), "audio/flac"), (0, "ID3"u8.ToArray(), "audio/mpeg"), (0, [0xFF, 0xFB], "audio/mpeg"), (0, [0xFF, 0xF3], "audio/mpeg"),
        (0, [0x1A, 0x45, 0xDF, 0xA3], "video/webm"), (4, "ftyp"u8.ToArray(), "video/mp4"), (8, "AIFF"u8.ToArray(), "audio/aiff"),
        (0, [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], "image/png"), (0, [0xFF, 0xD8, 0xFF], "image/jpeg"), (0, "GIF87a"u8.ToArray(), "image/gif"), (0, "GIF89a"u8.ToArray(), "image/gif"),
        (0, "%PDF-"u8.ToArray(), "application/pdf"), (0, "PK\u0003\u0004"u8.ToArray(), "application/zip"), (0, "PK\u0005\u0006"u8.ToArray(), "application/zip"), (0, [0x1F, 0x8B, 8], "application/gzip"),
        (0, [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "application/x-xz"), (0, [0x28, 0xB5, 0x2F, 0xFD], "application/zstd"), (0, "PAR1"u8.ToArray(), "application/vnd.apache.parquet"),
        (0, "SQLite format 3\0"u8.ToArray(), "application/vnd.sqlite3"),
    ];

    // Of what is text, these do no more than they say.
    private static readonly HashSet<string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        "text/plain", "text/csv", "text/markdown", "text/vtt", "text/tab-separated-values", "application/json", "application/x-ndjson", "application/jsonl", "application/yaml", "application/toml",
    };

    /// <param name="head">The content's first bytes.</param>
    /// <param name="claimed">What the sender says; null where nothing.</param>
    public static string Of(ReadOnlySpan<byte> head, string? claimed)
    {
        foreach (var (offset, bytes, type) in Signatures)
        {
            bool container = offset != 8 || head.StartsWith("RIFF"u8) || head.StartsWith("FORM"u8) || head.StartsWith("RF64"u8) || head.StartsWith("BW64"u8);
            if (container && head.Length >= offset + bytes.Length && head.Slice(offset, bytes.Length).SequenceEqual(bytes))
            {
                return type;
            }
        }

        if (!IsText(head))
        {
            return Unknown;
        }

        return TryParse(claimed) is { } said && Texts.Contains(said) ? said.ToLowerInvariant() : "text/plain";
    }

    private static string? TryParse(string? claimed)
    {
        try
        {
            return claimed is null ? null : new ContentType(claimed).MediaType;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // UTF-8 without control characters that text has not; the last character may be cut.
    private static bool IsText(ReadOnlySpan<byte> head)
    {
        if (head.Length == 0 || head.IndexOfAnyInRange((byte)0, (byte)8) >= 0 || head.IndexOfAnyInRange((byte)14, (byte)26) >= 0)
        {
            return false;
        }

        for (int cut = 0; cut < 4 && cut < head.Length; cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
            {
                return cut == 0 || Rune.DecodeLastFromUtf8(head, out _, out _) != System.Buffers.OperationStatus.Done;
            }
        }

        return false;
    }
}
