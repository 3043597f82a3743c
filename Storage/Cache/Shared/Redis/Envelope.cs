using System.Buffers.Binary;
using System.Text;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>
/// The bytes of an entry in Redis, as docs/cache.md has them: a header of fixed length, the tags, the payload; numbers with the most significant byte first.
/// A plain counter has no envelope: it is the number's decimal digits, so that Redis can add to it. The first byte tells the two apart.
/// </summary>
internal static class Envelope
{
    public const byte Magic = 0xC5;
    public const byte Version = 1;
    private const int Header = 46;

    /// <summary>The kind of <see cref="SharedEntry.Format"/> (its lower four bits) that is a number in decimal digits.</summary>
    public const byte Number = 3;

    public static bool IsNumber(SharedEntry entry) => (entry.Format & 0x0F) == Number;

    /// <summary>True where the entry has nothing but a number and an end.</summary>
    public static bool IsPlainCounter(SharedEntry entry) => entry.Format == Number && entry is { Tags.Count: 0, StaleFor: 0, Sliding: 0 };

    public static byte[] Write(SharedEntry entry)
    {
        if (IsPlainCounter(entry))
        {
            return entry.Payload.ToArray();
        }

        int tags = TagsLength(entry.Tags);
        var bytes = GC.AllocateUninitializedArray<byte>(Header + tags + entry.Payload.Length);
        var rest = bytes.AsSpan();
        (rest[0], rest[1], rest[2], rest[3]) = (Magic, Version, entry.Format, 0);
        BinaryPrimitives.WriteInt64BigEndian(rest[4..], entry.Position);
        BinaryPrimitives.WriteInt64BigEndian(rest[12..], entry.CreatedAt);
        BinaryPrimitives.WriteInt64BigEndian(rest[20..], entry.ExpiresAt);
        BinaryPrimitives.WriteInt64BigEndian(rest[28..], entry.StaleFor);
        BinaryPrimitives.WriteInt64BigEndian(rest[36..], entry.Sliding);
        BinaryPrimitives.WriteUInt16BigEndian(rest[44..], (ushort)entry.Tags.Count);
        WriteTags(entry.Tags, rest[Header..]);
        entry.Payload.Span.CopyTo(rest[(Header + tags)..]);
        return bytes;
    }

    /// <returns>Null for bytes of another version, or that are none of ours.</returns>
    public static SharedEntry? Read(byte[] bytes)
    {
        var rest = bytes.AsSpan();
        if (rest.Length < Header || rest[0] != Magic || rest[1] != Version)
        {
            return null;
        }

        int count = BinaryPrimitives.ReadUInt16BigEndian(rest[44..]);
        if (ReadTags(rest[Header..], count, out int length) is not { } tags)
        {
            return null;
        }

        return new SharedEntry
        {
            Format = rest[2],
            Position = BinaryPrimitives.ReadInt64BigEndian(rest[4..]),
            CreatedAt = BinaryPrimitives.ReadInt64BigEndian(rest[12..]),
            ExpiresAt = BinaryPrimitives.ReadInt64BigEndian(rest[20..]),
            StaleFor = BinaryPrimitives.ReadInt64BigEndian(rest[28..]),
            Sliding = BinaryPrimitives.ReadInt64BigEndian(rest[36..]),
            Tags = tags,
            Payload = bytes.AsMemory(Header + length),
            Source = CacheSource.Redis,
        };
    }

    public static int TagsLength(IReadOnlyList<string> tags)
    {
        int length = 0;
        for (int i = 0; i < tags.Count; i++)
        {
            length += 2 + Encoding.UTF8.GetByteCount(tags[i]);
        }

        return length;
    }

    public static void WriteTags(IReadOnlyList<string> tags, Span<byte> rest)
    {
        for (int i = 0; i < tags.Count; i++)
        {
            int written = Encoding.UTF8.GetBytes(tags[i], rest[2..]);
            BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)written));
            rest = rest[(2 + written)..];
        }
    }

    public static IReadOnlyList<string>? ReadTags(ReadOnlySpan<byte> rest, int count, out int length)
    {
        length = 0;
        if (count == 0)
        {
            return [];
        }

        var tags = new string[count];
        for (int i = 0; i < count; i++)
        {
            if (rest.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(rest) is var size && rest.Length < 2 + size)
            {
                return null;
            }

            tags[i] = Encoding.UTF8.GetString(rest.Slice(2, size));
            rest = rest[(2 + size)..];
            length += 2 + size;
        }

        return tags;
    }
}
