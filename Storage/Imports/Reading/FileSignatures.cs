namespace CloudStore.Storage.Imports.Reading;

/// <summary>First bytes of the kinds of file that people send by mistake, to tell them what it is that they sent.</summary>
internal static class FileSignatures
{
    /// <summary>What the file looks like (<c>a PNG image</c>), or null.</summary>
    public static string? Describe(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PAR1"u8)) return "a Parquet file";
        if (head.StartsWith("PK\u0003\u0004"u8)) return "a ZIP archive or an Excel workbook (.xlsx)";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0])) return "an old Excel workbook (.xls)";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])) return "a PNG image";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "a JPEG image";
        if (head.StartsWith("%PDF-"u8)) return "a PDF document";
        if (head.StartsWith("SQLite format 3\0"u8)) return "an SQLite database";
        if (head.StartsWith("Obj\u0001"u8)) return "an Avro file";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) return "a file compressed with zstd";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])) return "a file compressed with xz";
        if (head.StartsWith("BZh"u8) && head.Length > 9 && head[4..].StartsWith("1AY&SY"u8)) return "a file compressed with bzip2";
        if (head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF])) return "a 7-Zip archive";
        if (IsGzip(head)) return "a file compressed with gzip twice";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) || head.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF])) return "UTF-32 text";
        return null;
    }

    /// <summary>The gzip magic with deflate, the only method RFC 1952 defines.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]);
}
