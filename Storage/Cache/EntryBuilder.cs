using System.Security.Cryptography;
using CloudStore.Storage.Cache.Memory;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Values;

namespace CloudStore.Storage.Cache;

/// <summary>Makes entries for the layers, with their times on the clocks these use.</summary>
internal sealed class EntryBuilder(CacheOptions options, ISharedCache shared, ValueCodecs codecs, TimeProvider time)
{
    /// <summary>What an entry takes in memory beside its key and value, in bytes.</summary>
    public const int Overhead = 240;

    private const int JitterSteps = 1 << 20;
    private readonly double _ticksPerMillisecond = time.TimestampFrequency / 1000.0;

    /// <summary>An entry for memory of a value that was set or computed now.</summary>
    public MemoryEntry ForMemory<T>(TenantSpace space, KeyStamp stamp, T value, EntryPlan plan, TagState[] tags)
    {
        var codec = codecs.For<T>();
        var encoded = EncodedValue.Of(codec, value, options.LargestValueBytes);
        long created = shared.Now;
        long lives = Math.Max(1, (long)Shortened(plan).TotalMilliseconds);
        long now = time.GetTimestamp();
        return new MemoryEntry
        {
            Space = space,
            Key = stamp.Key,
            Value = codec.KeepsObject ? value : null,
            Encoder = codec.KeepsObject ? codec : null,
            // The shared layers want it as well; who keeps the object lets go of it then.
            Payload = encoded.Payload,
            Format = encoded.Format,
            Position = stamp.Position,
            Tags = tags,
            Priority = plan.Priority,
            Size = SizeOf(plan, stamp.Key, encoded.Payload.Length),
            CreatedAt = created,
            ExpiresAt = created + lives,
            FreshUntil = now + Math.Min(Ticks(lives), Ticks(plan.MemoryTimeToLive)),
            StaleTicks = Ticks(plan.StaleFor),
            SlidingTicks = Ticks(plan.Sliding),
            LastRead = now,
            Touched = plan.WritesShared ? now : long.MaxValue,
            Checksum = MemoryEntry.Check(encoded.Payload),
        };
    }

    /// <summary>An entry for memory of one that the shared layer had.</summary>
    public MemoryEntry ForMemory<T>(TenantSpace space, string key, SharedEntry entry, T value, ReadOnlyMemory<byte> payload, EntryPlan plan, TagState[] tags)
    {
        var codec = codecs.For<T>();
        long left = entry.ExpiresAt - shared.Now;
        long now = time.GetTimestamp();
        return new MemoryEntry
        {
            Space = space,
            Key = key,
            Value = codec.KeepsObject ? value : null,
            Encoder = codec.KeepsObject ? codec : null,
            Payload = codec.KeepsObject ? default : payload,
            Format = ValueFormat.Kind(entry.Format),
            Position = entry.Position,
            Tags = tags,
            Priority = plan.Priority,
            Size = SizeOf(plan, key, payload.Length),
            CreatedAt = entry.CreatedAt,
            ExpiresAt = entry.ExpiresAt,
            FreshUntil = now + Math.Min(Ticks(left), Ticks(plan.MemoryTimeToLive)),
            StaleTicks = Ticks(entry.StaleFor),
            SlidingTicks = Ticks(entry.Sliding),
            LastRead = now,
            Touched = now,
            Checksum = MemoryEntry.Check(payload.Span),
        };
    }

    /// <summary>The same entry for the shared layer.</summary>
    public SharedEntry ForShared(MemoryEntry entry, EntryPlan plan, bool computed)
    {
        var (format, payload) = EncodedValue.ForShared(entry.Format, entry.Payload, plan.Compresses ? options.CompressFromBytes : 0);
        return new SharedEntry
        {
            Payload = payload,
            Format = format,
            Position = entry.Position,
            CreatedAt = entry.CreatedAt,
            ExpiresAt = entry.ExpiresAt,
            StaleFor = (long)plan.StaleFor.TotalMilliseconds,
            Sliding = plan.Sliding > TimeSpan.Zero ? Math.Max(1, (long)plan.Sliding.TotalMilliseconds) : 0,
            Tags = plan.Tags,
            Computed = computed,
        };
    }

    /// <summary>The entry with another end, for memory alone.</summary>
    public MemoryEntry Ending(MemoryEntry entry, TimeSpan timeToLive)
    {
        long lives = Math.Max(1, (long)timeToLive.TotalMilliseconds);
        long now = time.GetTimestamp();
        return entry.Ending(shared.Now + lives, now + Ticks(lives), now);
    }

    /// <summary>How long an entry will be fresh.</summary>
    public TimeSpan? Left(MemoryEntry? entry) => entry is null ? null : time.GetElapsedTime(time.GetTimestamp(), entry.End);

    public long Ticks(TimeSpan span) => span == TimeSpan.MaxValue ? long.MaxValue / 4 : Ticks((long)span.TotalMilliseconds);

    private long Ticks(long milliseconds) => (long)(milliseconds * _ticksPerMillisecond);

    private static long SizeOf(EntryPlan plan, string key, int length) => plan.Size ?? length + (key.Length * sizeof(char)) + Overhead;

    private static TimeSpan Shortened(EntryPlan plan) =>
        plan.Jitter == 0 ? plan.TimeToLive : plan.TimeToLive * (1 - (plan.Jitter * RandomNumberGenerator.GetInt32(JitterSteps) / JitterSteps));
}
