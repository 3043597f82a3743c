using System.Numerics;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>
/// Roots and proofs of a tree whose hashes are in tiles (RFC 6962 section 2.1). It reads the few tiles that it needs, and keeps them.
/// </summary>
/// <param name="tiles">Gives the hashes of a tile, one behind the other; at least as many as the tree's size needs.</param>
public sealed class MerkleTree(Func<int, long, ReadOnlyMemory<byte>> tiles)
{
    private readonly Dictionary<(int Level, long Index), ReadOnlyMemory<byte>> _read = [];

    /// <summary>The root of the first <paramref name="size"/> entries.</summary>
    public byte[] Root(long size) => size == 0 ? MerkleHash.Empty : Hash(0, size);

    /// <summary>The inclusion proof of an entry in the tree of that size: from the leaf's sibling up to the root's child.</summary>
    public IReadOnlyList<byte[]> Inclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<byte[]>();
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            long middle = start + Split(end - start);
            if (index < middle)
            {
                proof.Add(Hash(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(Hash(start, middle));
                start = middle;
            }
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>The root that an entry's hash and its inclusion proof lead to; null where the proof has not the length that index and size ask for.</summary>
    public static byte[]? RootOf(byte[] leaf, long index, long size, IReadOnlyList<byte[]> proof)
    {
        if (index < 0 || index >= size)
        {
            return null;
        }

        // RFC 9162 section 2.1.3.2.
        var (hash, fn, sn) = (leaf, index, size - 1);
        foreach (var sibling in proof)
        {
            if (sn == 0)
            {
                return null;
            }

            if ((fn & 1) == 1 || fn == sn)
            {
                hash = MerkleHash.Node(sibling, hash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    (fn, sn) = (fn >> 1, sn >> 1);
                }
            }
            else
            {
                hash = MerkleHash.Node(hash, sibling);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 ? hash : null;
    }

    // MTH(D[start:end]): start is a multiple of every power of two that the recursion asks for.
    private byte[] Hash(long start, long end)
    {
        long count = end - start;
        if (BitOperations.IsPow2(count))
        {
            return Perfect(BitOperations.Log2((ulong)count), start / count);
        }

        long left = Split(count);
        return MerkleHash.Node(Hash(start, start + left), Hash(start + left, end));
    }

    // The root of the subtree of 2^height entries that is the index-th of its height.
    private byte[] Perfect(int height, long index)
    {
        int level = height / 8;
        int hashes = 1 << (height % 8);
        long first = index * hashes;
        var tile = Tile(level, first / TilePath.Width);
        return MerkleHash.Perfect(tile.Span.Slice((int)(first % TilePath.Width) * MerkleHash.Size, hashes * MerkleHash.Size));
    }

    private ReadOnlyMemory<byte> Tile(int level, long index) => _read.TryGetValue((level, index), out var tile) ? tile : _read[(level, index)] = tiles(level, index);

    // The largest power of two below a count of two or more.
    private static long Split(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}
