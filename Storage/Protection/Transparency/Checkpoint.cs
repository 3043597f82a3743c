using System.Globalization;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>A tree's size and root, in the text that is signed (c2sp.org/tlog-checkpoint).</summary>
/// <param name="Origin">Which log.</param>
/// <param name="Size">How many entries.</param>
/// <param name="Root">The tree's root.</param>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    /// <summary>Reads a note's text; null where it is no checkpoint.</summary>
    public static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        var root = new byte[MerkleHash.Size];
        return lines.Length >= 4 && lines[0].Length > 0 && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            && lines[1] == size.ToString(CultureInfo.InvariantCulture) && Convert.TryFromBase64String(lines[2], root, out int length) && length == MerkleHash.Size
            ? new Checkpoint(lines[0], size, root) : null;
    }

    /// <summary>Reads a signed checkpoint; null where the key has not signed it or it is no checkpoint of that key's log.</summary>
    public static Checkpoint? Open(string note, NoteVerifier verifier) =>
        verifier.Open(note) is { } text && Parse(text) is { } checkpoint && checkpoint.Origin == verifier.Name ? checkpoint : null;
}
