namespace CloudStore.Storage.Imports.Reading;

/// <summary>How a file of rows is written.</summary>
public enum FileFormat
{
    Csv,
    JsonLines,
    JsonArray,
}

/// <summary>How to read a file. What is null is found out from the file's first bytes.</summary>
public sealed record ReadOptions
{
    public FileFormat? Format { get; init; }

    /// <summary>CSV field delimiter: comma, semicolon or tab.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Longest row accepted, bytes of decoded content. A longer one is a fault of that row alone.</summary>
    public int MaxRowBytes { get; init; } = 1 << 20;

    /// <summary>Most decoded bytes accepted.</summary>
    public long MaxDecodedBytes { get; init; } = 64L << 30;

    /// <summary>Most decoded bytes for each stored byte of a gzip file, once it has given more than 16 MiB.</summary>
    public int MaxGzipRatio { get; init; } = 250;

    /// <summary>Deepest JSON nesting accepted.</summary>
    public int MaxJsonDepth { get; init; } = 64;
}
