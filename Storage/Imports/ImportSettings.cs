using System.ComponentModel.DataAnnotations;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Imports;

/// <summary>Settings of the section <c>Imports</c>.</summary>
public sealed class ImportSettings
{
    public const string Section = "Imports";

    /// <summary>Jobs one process loads at the same time; 0 leaves them to other processes.</summary>
    [Range(0, 64)]
    public int Workers { get; set; } = 1;

    /// <summary>Rows committed together.</summary>
    [Range(1, 1_000_000)]
    public int BatchRows { get; set; } = 10_000;

    /// <summary>Decoded bytes after which a batch is committed with fewer rows.</summary>
    [Range(1 << 16, 1 << 30)]
    public int BatchBytes { get; set; } = 16 << 20;

    /// <summary>Batches that share a transaction on SQLite, where each commit writes every index page that was touched. Other writers wait for it.</summary>
    [Range(1, 1000)]
    public int SqliteBatches { get; set; } = 10;

    /// <summary>Seconds after which another worker takes over the job of one that gives no sign of life.</summary>
    [Range(1, 3600)]
    public double LeaseSeconds { get; set; } = 30;

    /// <summary>Milliseconds between looks at the queue where nothing announces a job.</summary>
    [Range(10, 60_000)]
    public int PollMilliseconds { get; set; } = 500;

    /// <summary>Times a job is taken up without getting further before it fails.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Rejected rows after which a job fails, where the request does not say.</summary>
    [Range(0, int.MaxValue)]
    public int MaxRejects { get; set; } = 10_000;

    /// <summary>Most bytes of an upload, as sent.</summary>
    [Range(1, long.MaxValue)]
    public long MaxUploadBytes { get; set; } = 16L << 30;

    /// <summary>Most bytes after decompression.</summary>
    [Range(1, long.MaxValue)]
    public long MaxDecodedBytes { get; set; } = 64L << 30;

    /// <summary>Most decompressed bytes for each compressed byte, once there are more than 16 MiB.</summary>
    [Range(1, 1100)]
    public int MaxGzipRatio { get; set; } = 250;

    /// <summary>Longest row, bytes.</summary>
    [Range(1024, 256 << 20)]
    public int MaxRowBytes { get; set; } = 1 << 20;

    /// <summary>Deepest nesting of JSON.</summary>
    [Range(1, 1000)]
    public int MaxJsonDepth { get; set; } = 64;

    public ReadOptions ReadOptions(ImportOptions options) => new()
    {
        Format = options.Format,
        Delimiter = options.Delimiter,
        MaxRowBytes = MaxRowBytes,
        MaxDecodedBytes = MaxDecodedBytes,
        MaxGzipRatio = MaxGzipRatio,
        MaxJsonDepth = MaxJsonDepth,
    };
}
