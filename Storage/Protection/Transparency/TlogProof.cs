using System.Globalization;
using System.Text;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>
/// A proof that an entry is in a log, to be checked offline (c2sp.org/tlog-proof). The entry itself is the extra data: it is proven by its hash, not by standing there.
/// </summary>
/// <param name="Entry">The log's entry.</param>
/// <param name="Index">Where it stands, from 0.</param>
/// <param name="Path">The inclusion proof, from the leaf's sibling up.</param>
/// <param name="Note">The signed checkpoint.</param>
public sealed record TlogProof(byte[] Entry, long Index, IReadOnlyList<byte[]> Path, string Note)
{
    public const string Header = "c2sp.org/tlog-proof@v1";

    public override string ToString()
    {
        var text = new StringBuilder($"{Header}\nextra {Convert.ToBase64String(Entry)}\n").Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Path)
        {
            text.Append(Convert.ToBase64String(hash)).Append('\n');
        }

        return text.Append('\n').Append(Note).ToString();
    }

    /// <exception cref="FormatException">Not a proof of this form.</exception>
    public static TlogProof Parse(string text)
    {
        int end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : text[..end].Split('\n');
        if (lines.Length < 3 || lines[0] != Header || !lines[1].StartsWith("extra ", StringComparison.Ordinal) || !lines[2].StartsWith("index ", StringComparison.Ordinal))
        {
            throw new FormatException($"A proof begins with the lines '{Header}', 'extra ...' and 'index ...'.");
        }

        return new TlogProof(Convert.FromBase64String(lines[1][6..]), long.Parse(lines[2][6..], NumberStyles.None, CultureInfo.InvariantCulture),
            [.. lines[3..].Select(Convert.FromBase64String)], text[(end + 2)..]);
    }

    /// <summary>Whether the entry is in the log whose key this is.</summary>
    public bool IsRight(NoteVerifier verifier) =>
        Checkpoint.Open(Note, verifier) is { } checkpoint && MerkleTree.RootOf(MerkleHash.Leaf(Entry), Index, checkpoint.Size, Path) is { } root && root.AsSpan().SequenceEqual(checkpoint.Root);
}
