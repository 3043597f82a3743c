using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>Settings of the section <c>Spool</c>.</summary>
public sealed class SpoolOptions
{
    public const string Section = "Spool";

    /// <summary>Where writes wait while the database is away: a folder on a disk that outlives the process; <c>spool</c> below <c>Data:Root</c> where null.</summary>
    public string? Folder { get; set; }

    /// <summary>Most that waits there, MiB; what comes beyond is refused with 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxMegabytes { get; set; } = 1024;

    /// <summary>Milliseconds between attempts to reach the database while something waits.</summary>
    [Range(10, 3_600_000)]
    public int RetryMilliseconds { get; set; } = 1000;
}
