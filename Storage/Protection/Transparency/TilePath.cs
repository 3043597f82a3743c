using System.Globalization;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>Names of a log's files, as c2sp.org/tlog-tiles has them.</summary>
public static class TilePath
{
    /// <summary>Hashes in a full tile, entries in a full bundle.</summary>
    public const int Width = 256;

    public const string Checkpoint = "checkpoint";

    /// <summary>The tile of hashes number <paramref name="index"/> of a level.</summary>
    /// <param name="level">0 holds the hashes of entries; each hash of another level stands for a full tile of the level below.</param>
    /// <param name="index">From 0.</param>
    /// <param name="width">Hashes in it; less than <see cref="Width"/> for a partial tile.</param>
    public static string Tile(int level, long index, int width = Width) => string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{Number(index)}{Part(width)}");

    /// <summary>The bundle of entries whose hashes are in the tile of that index at level 0.</summary>
    public static string Entries(long index, int width = Width) => $"tile/entries/{Number(index)}{Part(width)}";

    // Three digits a folder, all but the last with an x before: no name is a file at one size and a folder at another.
    private static string Number(long index)
    {
        var name = (index % 1000).ToString("000", CultureInfo.InvariantCulture);
        for (long rest = index / 1000; rest > 0; rest /= 1000)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{name}");
        }

        return name;
    }

    private static string Part(int width) => width == Width ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{width}");
}
