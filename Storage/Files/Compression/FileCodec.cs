namespace CloudStore.Storage.Files.Compression;

/// <summary>How the frames of stored content are compressed. The numbers are stored.</summary>
public enum FileCodec
{
    None = 0,

    /// <summary>RFC 1952.</summary>
    Gzip = 1,

    /// <summary>RFC 1950.</summary>
    Zlib = 2,

    /// <summary>RFC 7932.</summary>
    Brotli = 3,

    /// <summary>The .xz format, by liblzma.</summary>
    Xz = 4,
}

/// <summary>What a caller asks for: a codec, or the one that a sample of the content calls for.</summary>
public enum Compress
{
    /// <summary>The codec that makes a sample smallest; none where that saves less than a tenth.</summary>
    Auto,
    None,
    Gzip,
    Zlib,
    Brotli,
    Xz,
}
