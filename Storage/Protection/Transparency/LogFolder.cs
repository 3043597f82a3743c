using System.IO.Compression;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>The log's files are not what was written, or not all there.</summary>
public sealed class LogDamagedException(string message) : IOException(message);

/// <summary>
/// Reads a log's files. It may do so while the writer adds to them: whoever has a checkpoint finds all that the checkpoint covers, in the partial tile of its size or
/// in the full one that has taken its place.
/// </summary>
/// <param name="folder">Its full path.</param>
public sealed class LogFolder(string folder)
{
    /// <summary>The file that says with which key checkpoints are signed.</summary>
    public const string VkeyFile = "vkey";

    /// <summary>The folder of bundles that were archived, compressed with gzip.</summary>
    public const string Archive = "archive";

    public string FullPath => folder;

    public string PathOf(string name) => Path.Combine([folder, .. name.Split('/')]);

    /// <summary>The signed checkpoint; null for a log that has none yet.</summary>
    public string? ReadCheckpoint() => Read(TilePath.Checkpoint) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    public string? ReadVkey() => Read(VkeyFile) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes).Trim() : null;

    /// <summary>The tree of that size.</summary>
    /// <exception cref="LogDamagedException">From the tree's methods: a tile is missing or too short.</exception>
    public MerkleTree Tree(long size) => new((level, index) => ReadTile(level, index, size));

    /// <summary>The hashes of a tile that a tree of that size has.</summary>
    /// <exception cref="LogDamagedException">It is missing or too short.</exception>
    public byte[] ReadTile(int level, long index, long size)
    {
        int width = WidthOf(level, index, size);
        var name = TilePath.Tile(level, index, width);
        var tile = Read(name) ?? (width < TilePath.Width ? Read(TilePath.Tile(level, index)) : null) ?? throw new LogDamagedException($"The file {name} is missing.");
        return tile.Length >= width * MerkleHash.Size ? tile[..(width * MerkleHash.Size)] : throw new LogDamagedException($"The file {name} is too short.");
    }

    /// <summary>The entries of a bundle, from the log or its archive; fewer than there should be where it is damaged, null where it is in neither.</summary>
    public List<byte[]>? ReadEntries(long index, long size)
    {
        int width = WidthOf(0, index, size);
        var bundle = Read(TilePath.Entries(index, width)) ?? (width < TilePath.Width ? Read(TilePath.Entries(index)) : null) ?? ReadArchived(index);
        return bundle is null ? null : EntryBundle.Read(bundle);
    }

    /// <summary>An archived bundle; null where it is not there or no longer readable.</summary>
    public byte[]? ReadArchived(long index)
    {
        if (Read(ArchivedName(index)) is not { } packed)
        {
            return null;
        }

        try
        {
            using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            using var bundle = new MemoryStream();
            gzip.CopyTo(bundle);
            return bundle.ToArray();
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    public static string ArchivedName(long index) => $"{Archive}/{TilePath.Entries(index)}.gz";

    /// <summary>How many hashes a tile has in a tree of that size.</summary>
    public static int WidthOf(int level, long index, long size) => (int)Math.Clamp((size >> (8 * level)) - index * TilePath.Width, 0, TilePath.Width);

    /// <summary>The file's bytes; null where it is not there.</summary>
    public byte[]? Read(string name)
    {
        try
        {
            return File.ReadAllBytes(PathOf(name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
