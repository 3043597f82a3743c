using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Cache;

/// <summary>Settings of the section <c>Cache</c>.</summary>
public sealed class CacheOptions
{
    public const string Section = "Cache";

    /// <summary>Within this time after an invalidation returned no process serves what it made invalid, while Redis answers.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes this process's memory layer may hold, of all tenants together.</summary>
    [Range(0, 1L << 40)]
    public long MemoryBytes { get; set; } = 128 << 20;

    /// <summary>Entries the memory layer may hold for one tenant.</summary>
    [Range(1, int.MaxValue)]
    public int MemoryEntriesPerTenant { get; set; } = 100_000;

    /// <summary>Bytes the memory layer may hold for one tenant.</summary>
    [Range(1, 1L << 40)]
    public long MemoryBytesPerTenant { get; set; } = 64 << 20;

    /// <summary>Entries the database layer may hold for one tenant; the ones that end first go.</summary>
    [Range(1, long.MaxValue)]
    public long DatabaseEntriesPerTenant { get; set; } = 1_000_000;

    /// <summary>Bytes of values the database layer may hold for one tenant; the entries that end first go.</summary>
    [Range(1, 1L << 50)]
    public long DatabaseBytesPerTenant { get; set; } = 1L << 30;

    /// <summary>Seconds an entry lives that does not say.</summary>
    [Range(0.001, 31_536_000)]
    public double DefaultSeconds { get; set; } = 300;

    /// <summary>The longest time to live an entry may be given, in days.</summary>
    [Range(1, 3_660)]
    public int LongestDays { get; set; } = 366;

    /// <summary>The longest key, tag or prefix, in UTF-8 bytes.</summary>
    [Range(16, 2_048)]
    public int LongestKeyBytes { get; set; } = 1_024;

    /// <summary>The most tags of an entry.</summary>
    [Range(0, 1_024)]
    public int MostTags { get; set; } = 32;

    /// <summary>The largest value, encoded and before compression, in bytes.</summary>
    [Range(1, 512 << 20)]
    public int LargestValueBytes { get; set; } = 8 << 20;

    /// <summary>Values from this length on are compressed for the shared layers where that makes them smaller; 0 switches it off.</summary>
    [Range(0, int.MaxValue)]
    public int CompressFromBytes { get; set; } = 4_096;

    /// <summary>Seconds a process's right to run a key's factory lasts while others wait for it.</summary>
    [Range(0.1, 600)]
    public double LeaseSeconds { get; set; } = 10;

    /// <summary>Milliseconds after which an answer of Redis is no longer waited for.</summary>
    [Range(5, 10_000)]
    public int RedisTimeoutMilliseconds { get; set; } = 60;

    /// <summary>Failures in a row after which Redis counts as away.</summary>
    [Range(1, 1_000)]
    public int RedisFailures { get; set; } = 5;

    /// <summary>Milliseconds between two polls of the log while Redis answers.</summary>
    [Range(5, 80)]
    public int PollMilliseconds { get; set; } = 20;

    /// <summary>
    /// Seconds the API may answer with what it has read before; 0: each request is read anew. Changes of records end it at once: this is for those that nobody could tell of, since
    /// the process was killed between the commit and the invalidation, or somebody changed the tables by other means.
    /// </summary>
    [Range(0, 3_600)]
    public double AnswerSeconds { get; set; } = 5;

    /// <summary>The largest answer that is kept, in bytes.</summary>
    [Range(0, 64 << 20)]
    public int LargestAnswerBytes { get; set; } = 256 << 10;

    /// <summary>Milliseconds between two polls of the database: the bound for other processes while Redis is away or not there.</summary>
    [Range(20, 60_000)]
    public int DatabasePollMilliseconds { get; set; } = 250;

    /// <summary>Seconds after which an answer of the database is no longer waited for: what is read then is not found, and what is written is lost to other processes.</summary>
    [Range(1, 600)]
    public int DatabaseTimeoutSeconds { get; set; } = 2;
}
