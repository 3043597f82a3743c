using System.Buffers.Binary;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>A bundle's bytes: each entry behind its length, two bytes, big-endian.</summary>
public static class EntryBundle
{
    public const int MaxEntry = ushort.MaxValue;

    public static void Add(List<byte> bundle, ReadOnlySpan<byte> entry)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Length, MaxEntry);
        bundle.Add((byte)(entry.Length >> 8));
        bundle.Add((byte)entry.Length);
        bundle.AddRange(entry);
    }

    /// <summary>The entries, up to the first that is cut off.</summary>
    public static List<byte[]> Read(ReadOnlySpan<byte> bundle)
    {
        var entries = new List<byte[]>(TilePath.Width);
        while (bundle.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(bundle) is var length && bundle.Length - 2 >= length)
        {
            entries.Add(bundle.Slice(2, length).ToArray());
            bundle = bundle[(2 + length)..];
        }

        return entries;
    }
}
