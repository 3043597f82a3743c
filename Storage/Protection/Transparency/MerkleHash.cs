using System.Security.Cryptography;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>The hashes of a Merkle tree as RFC 6962 section 2.1 defines them: SHA-256, with a byte before that tells leaves from nodes.</summary>
public static class MerkleHash
{
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>The root of a tree without leaves.</summary>
    public static byte[] Empty => SHA256.HashData([]);

    public static byte[] Leaf(ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> both = stackalloc byte[1 + 2 * Size];
        both[0] = 1;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + Size)..]);
        return SHA256.HashData(both);
    }

    /// <summary>The root of the subtree over hashes that stand one behind the other; their number is a power of two.</summary>
    public static byte[] Perfect(ReadOnlySpan<byte> hashes)
    {
        if (hashes.Length == Size)
        {
            return hashes.ToArray();
        }

        int half = hashes.Length / 2;
        return Node(Perfect(hashes[..half]), Perfect(hashes[half..]));
    }
}
