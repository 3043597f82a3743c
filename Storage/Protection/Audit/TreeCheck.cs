using CloudStore.Storage.Protection.Transparency;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Builds a tree from its leaves again, and holds the tiles of all levels against it.</summary>
internal sealed class TreeCheck(LogFolder folder, long size)
{
    private readonly List<List<byte>> _edges = [];
    private readonly List<(long Index, string What)> _wrong = [];
    private long _added;

    public long Size => size;

    /// <summary>The hashes of a tile of level 0; null, and noted, where they are not there.</summary>
    public byte[]? ReadTile(long index) => Read(0, index);

    /// <summary>The next leaf's hash.</summary>
    public void Add(byte[] leaf)
    {
        _added++;
        Push(0, leaf);
    }

    public byte[] Root() => new MerkleTree((level, _) => _edges[level].ToArray()).Root(_added);

    /// <summary>What is wrong with tiles, by the first entry that each stands for.</summary>
    public IReadOnlyList<(long Index, string What)> Finish()
    {
        for (int level = 1; level < _edges.Count; level++)
        {
            if (_edges[level].Count > 0)
            {
                Compare(level, _added >> (8 * (level + 1)), _edges[level]);
            }
        }

        return _wrong;
    }

    private void Push(int level, byte[] hash)
    {
        if (_edges.Count == level)
        {
            _edges.Add([]);
        }

        var edge = _edges[level];
        edge.AddRange(hash);
        if (edge.Count < TilePath.Width * MerkleHash.Size)
        {
            return;
        }

        if (level > 0)
        {
            Compare(level, (_added >> (8 * (level + 1))) - 1, edge);
        }

        var root = MerkleHash.Perfect(edge.ToArray());
        edge.Clear();
        Push(level + 1, root);
    }

    private void Compare(int level, long index, List<byte> expected)
    {
        if (Read(level, index) is not { } tile)
        {
            return;
        }

        for (int i = 0; i < tile.Length / MerkleHash.Size; i++)
        {
            if (!tile.AsSpan(i * MerkleHash.Size, MerkleHash.Size).SequenceEqual(expected.GetRange(i * MerkleHash.Size, MerkleHash.Size).ToArray()))
            {
                long span = 1L << (8 * level);
                long first = (index * TilePath.Width + i) * span;
                _wrong.Add((first, $"the file {TilePath.Tile(level, index)} and the entries {first} to {first + span - 1} do not belong together: one of them was changed."));
                return;
            }
        }
    }

    private byte[]? Read(int level, long index)
    {
        try
        {
            return folder.ReadTile(level, index, size);
        }
        catch (LogDamagedException e)
        {
            _wrong.Add((index << (8 * (level + 1)), e.Message));
            return null;
        }
    }
}
