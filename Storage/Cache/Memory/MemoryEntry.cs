using System.Numerics;
using System.Runtime.InteropServices;
using CloudStore.Storage.Cache.Values;

namespace CloudStore.Storage.Cache.Memory;

/// <summary>An entry in this process's memory. Times are timestamps of the process's monotonic clock, so that a read asks one clock once.</summary>
internal sealed class MemoryEntry
{
    private string? _etag;

    public required TenantSpace Space { get; init; }

    public required string Key { get; init; }

    /// <summary>The value itself where its type is immutable; null where <see cref="Payload"/> is decoded for each read.</summary>
    public object? Value { get; init; }

    /// <summary>Of <see cref="Value"/>, for a reader who asks for another type.</summary>
    public IValueEncoder? Encoder { get; init; }

    public ReadOnlyMemory<byte> Payload { get; set; }

    public byte Format { get; init; }

    /// <summary>The log's position from before the value was read or computed.</summary>
    public required long Position { get; set; }

    public TagState[] Tags { get; init; } = [];

    public CachePriority Priority { get; init; } = CachePriority.Normal;

    /// <summary>Bytes it counts.</summary>
    public required long Size { get; init; }

    /// <summary>On the clock that processes share, in milliseconds.</summary>
    public long CreatedAt { get; set; }

    /// <summary>On the clock that processes share, in milliseconds.</summary>
    public long ExpiresAt { get; init; }

    public required long FreshUntil { get; init; }

    /// <summary>How long past its end it may be served, in ticks.</summary>
    public long StaleTicks { get; init; }

    /// <summary>Ticks since the last read after which it ends; 0: it does not slide.</summary>
    public long SlidingTicks { get; init; }

    /// <summary>Of the last read; a writer's race with another is of no consequence.</summary>
    public long LastRead;

    /// <summary>Of the last read that the shared layer was told of; only for what slides there.</summary>
    public long Touched;

    /// <summary>The last invalidation of a prefix that the key was compared with.</summary>
    public long PrefixChecked;

    /// <summary>A factory that failed is not run again before this while the value can be served stale.</summary>
    public long RetryAt;

    /// <summary>Of the encoded value.</summary>
    public uint Checksum { get; init; }

    /// <summary>Where it stands in <see cref="LruStrategy"/>'s lists, which alone changes these.</summary>
    public MemoryEntry? Newer, Older;

    public long ListedAt;

    public ListState State;

    public enum ListState : byte
    {
        New,
        Listed,
        Gone,
    }

    /// <summary>True for what the shared layer does not have.</summary>
    public bool IsLocal => Touched == long.MaxValue;

    /// <summary>When it stops being fresh, sliding considered.</summary>
    public long End => SlidingTicks == 0 ? FreshUntil : Math.Min(FreshUntil, Volatile.Read(ref LastRead) + SlidingTicks);

    /// <summary>The same for every process that reads the same entry from the shared layer; made when first asked for.</summary>
    public string ETag => _etag ??= MakeETag(Format, CreatedAt, Checksum);

    /// <summary>Lets go of the encoded value where the value itself is kept.</summary>
    public void Settle()
    {
        if (Value is not null)
        {
            Payload = default;
        }
    }

    /// <summary>The same value with another end, not in any list.</summary>
    public MemoryEntry Ending(long expiresAt, long freshUntil, long now) => new()
    {
        Space = Space,
        Key = Key,
        Value = Value,
        Encoder = Encoder,
        Payload = Payload,
        Format = Format,
        Position = Position,
        Tags = Tags,
        Priority = Priority,
        Size = Size,
        CreatedAt = CreatedAt,
        ExpiresAt = expiresAt,
        FreshUntil = freshUntil,
        StaleTicks = StaleTicks,
        SlidingTicks = SlidingTicks,
        LastRead = now,
        Touched = Touched,
        Checksum = Checksum,
    };

    /// <summary>This value with the life of the entry it takes the place of.</summary>
    public MemoryEntry Replacing(MemoryEntry before) => new()
    {
        Space = Space,
        Key = Key,
        Value = Value,
        Encoder = Encoder,
        Payload = Payload,
        Format = Format,
        Position = before.Position,
        Tags = before.Tags,
        Priority = before.Priority,
        Size = before.Size,
        CreatedAt = before.CreatedAt,
        ExpiresAt = before.ExpiresAt,
        FreshUntil = before.FreshUntil,
        StaleTicks = before.StaleTicks,
        SlidingTicks = before.SlidingTicks,
        LastRead = LastRead,
        Touched = before.Touched,
        Checksum = Checksum,
    };

    // A counter is its number: Redis keeps nothing else of it.
    public static string MakeETag(byte format, long createdAt, uint checksum) => $"\"{(format == ValueFormat.Counter ? 0 : createdAt):x}-{checksum:x}\"";

    /// <summary>CRC-32C, eight bytes a step where the processor has it.</summary>
    public static uint Check(ReadOnlySpan<byte> payload)
    {
        uint crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (byte b in payload[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
