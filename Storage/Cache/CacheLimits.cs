using System.Buffers;
using System.Text;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.Extensions.Caching.Hybrid;

namespace CloudStore.Storage.Cache;

/// <summary>What keys, tags and options may be. Each rule that is broken is a problem that names the field and the rule.</summary>
internal sealed class CacheLimits(CacheOptions options)
{
    private const string AnyTag = "*";

    // A key is at most three UTF-8 bytes a char long, so that short ones need no counting.
    private const int MostBytesPerChar = 3;

    /// <summary>How an entry lives that says nothing.</summary>
    public EntryPlan Default { get; } = new() { TimeToLive = TimeSpan.FromSeconds(options.DefaultSeconds) };

    public int LargestValue => options.LargestValueBytes;

    public void CheckKey(string key, string field = "key") => CheckName(key, field);

    public void CheckTag(string tag) => CheckName(tag, "tag");

    /// <summary>The checked options of a call, or <see cref="Default"/>.</summary>
    public EntryPlan Plan(CacheEntryOptions? entry)
    {
        if (entry is null)
        {
            return Default;
        }

        if (entry.Jitter is < 0 or > 1 or double.NaN)
        {
            throw Broken("jitter", "between-0-and-1", "jitter must lie between 0 and 1.");
        }

        if (entry.Size < 0)
        {
            throw Broken("size", "not-negative", "size must not be negative.");
        }

        if (entry.Layers is not (CacheLayers.All or CacheLayers.Memory or CacheLayers.Shared))
        {
            throw Broken("layers", "known", "layers must be memory, shared or both.");
        }

        if (entry.Priority is < CachePriority.Low or > CachePriority.NeverRemove)
        {
            throw Broken("priority", "known", "priority must be low, normal, high or neverRemove.");
        }

        return new EntryPlan
        {
            TimeToLive = entry.TimeToLive is { } ttl ? CheckTime(ttl, "ttl") : Default.TimeToLive,
            Sliding = entry.Sliding is { } sliding ? CheckTime(sliding, "sliding") : TimeSpan.Zero,
            StaleFor = entry.ServeStaleFor is { } stale && stale != TimeSpan.Zero ? CheckTime(stale, "serveStaleFor") : TimeSpan.Zero,
            FactoryTimeout = entry.FactoryTimeout is { } timeout ? CheckTime(timeout, "factoryTimeout") : null,
            Jitter = entry.Jitter ?? 0,
            Tags = Tags(entry.Tags, "tags"),
            Priority = entry.Priority,
            Size = entry.Size,
            Without = entry.Layers switch
            {
                CacheLayers.Memory => HybridCacheEntryFlags.DisableDistributedCache,
                CacheLayers.Shared => HybridCacheEntryFlags.DisableLocalCache,
                _ => HybridCacheEntryFlags.None,
            },
        };
    }

    /// <summary>The same from what HybridCache offers.</summary>
    public EntryPlan Plan(HybridCacheEntryOptions? entry, IEnumerable<string>? tags)
    {
        if (entry is null && tags is null)
        {
            return Default;
        }

        return Default with
        {
            TimeToLive = entry?.Expiration is { } ttl ? CheckTime(ttl, "expiration") : Default.TimeToLive,
            MemoryTimeToLive = entry?.LocalCacheExpiration is { } local ? CheckTime(local, "localCacheExpiration") : TimeSpan.MaxValue,
            Tags = tags is null ? [] : Tags([.. tags], "tags"),
            Without = entry?.Flags ?? HybridCacheEntryFlags.None,
        };
    }

    /// <summary>True for a key that HybridCache's own rules let into a cache; with another one its callers are served without it.</summary>
    public bool IsUsable(string? key) => !string.IsNullOrWhiteSpace(key) && Fault(key) is null;

    public TimeSpan CheckTime(TimeSpan time, string field)
    {
        if (time <= TimeSpan.Zero)
        {
            throw Broken(field, "above-zero", $"{field} must be above zero.");
        }

        return time <= TimeSpan.FromDays(options.LongestDays) ? time
            : throw Broken(field, "longest", $"{field} must not be longer than {options.LongestDays} days (Cache:LongestDays).");
    }

    private string[] Tags(IReadOnlyCollection<string> tags, string field)
    {
        if (tags.Count == 0)
        {
            return [];
        }

        if (tags.Count > options.MostTags)
        {
            throw Broken(field, "most", $"{field} must not be more than {options.MostTags} (Cache:MostTags).");
        }

        int index = 0;
        foreach (string tag in tags)
        {
            CheckName(tag, $"{field}[{index++}]");
            if (tag == AnyTag)
            {
                throw Broken($"{field}[{index - 1}]", "reserved", "a tag must not be *, which stands for every entry.");
            }
        }

        return [.. tags.Distinct(StringComparer.Ordinal)];
    }

    private void CheckName(string name, string field)
    {
        ArgumentNullException.ThrowIfNull(name, field);
        if (Fault(name) is { } fault)
        {
            throw Broken(field, fault.Rule, $"{field} {fault.Message}");
        }
    }

    private (string Rule, string Message)? Fault(string name)
    {
        if (name.Length == 0)
        {
            return ("required", "must not be empty.");
        }

        if ((long)name.Length * MostBytesPerChar > options.LongestKeyBytes && Encoding.UTF8.GetByteCount(name) > options.LongestKeyBytes)
        {
            return ("most-bytes", $"must not be longer than {options.LongestKeyBytes} bytes in UTF-8 (Cache:LongestKeyBytes).");
        }

        if (name.AsSpan().IndexOfAnyInRange('\0', '\x1F') >= 0)
        {
            return ("no-control-characters", "must have no control characters.");
        }

        return IsWellFormed(name) ? null : ("well-formed", "must be well-formed Unicode: it has half a surrogate pair.");
    }

    // Two keys with different broken pairs would be one key in UTF-8.
    private static bool IsWellFormed(ReadOnlySpan<char> name)
    {
        while (name.IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var at)
        {
            if (Rune.DecodeFromUtf16(name[at..], out _, out int used) != OperationStatus.Done)
            {
                return false;
            }

            name = name[(at + used)..];
        }

        return true;
    }

    private static ProblemException Broken(string field, string rule, string message) => ProblemException.ForField(ProblemKind.Invalid, field, rule, message);
}
