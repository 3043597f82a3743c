using System.Text;
using CloudStore.Storage.Files;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>
/// Adds entries to a log, one writer at a time (a locked file). Tiles reach the disk before the checkpoint that covers them, and each file is there whole or not at
/// all: whenever the process is killed, the log is as the last checkpoint says, and what stands behind it is written over.
/// </summary>
public sealed class LogWriter : IDisposable
{
    private const string LockFile = "lock";
    private readonly LogFolder _folder;
    private readonly NoteSigner _signer;
    private readonly FileStream _lock;
    private readonly List<List<byte>> _edges = [];
    private readonly List<byte> _bundle = [];
    private readonly List<string> _outgrown = [];

    private LogWriter(LogFolder folder, NoteSigner signer, FileStream locked) => (_folder, _signer, _lock) = (folder, signer, locked);

    /// <summary>How many entries the log holds.</summary>
    public long Size { get; private set; }

    /// <summary>The newest checkpoint, signed.</summary>
    public string Note { get; private set; } = "";

    /// <summary>Opens the log in a folder, or begins one; null where another writer has it.</summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="signer">Whose name is the log's. It belongs to the writer from here on.</param>
    /// <exception cref="LogDamagedException">The newest checkpoint is not this signer's, or the tiles do not lead to its root: nothing must be built upon that.</exception>
    public static LogWriter? Open(LogFolder folder, NoteSigner signer)
    {
        DurableFile.MakeFolder(folder.FullPath);
        FileStream locked;
        try
        {
            locked = new FileStream(folder.PathOf(LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            signer.Dispose();
            return null;
        }

        var writer = new LogWriter(folder, signer, locked);
        try
        {
            writer.Load();
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Adds entries and signs the tree with them. When this returns they are on the disk.</summary>
    public void Append(IReadOnlyList<byte[]> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        foreach (var entry in entries)
        {
            Add(entry);
        }

        Commit();
    }

    /// <summary>Adds an entry that the log held before. Nothing covers it until <see cref="CommitRestored"/> has.</summary>
    internal void Restore(byte[] entry) => Add(entry);

    /// <summary>Adds the hash of an entry that was archived, up to a full bundle's end; the entry itself stays away.</summary>
    internal void RestoreHash(byte[] leaf)
    {
        _bundle.Clear();
        Size++;
        if (Size % TilePath.Width == 0)
        {
            _outgrown.Add(TilePath.Entries(Size / TilePath.Width - 1) + ".p");
        }

        Push(0, leaf);
    }

    /// <summary>Signs the tree with what was restored, if it has that root.</summary>
    /// <returns>False where it has another: nothing is signed, and this writer must be disposed of.</returns>
    internal bool CommitRestored(byte[] root)
    {
        if (!Root().AsSpan().SequenceEqual(root))
        {
            return false;
        }

        Commit();
        return true;
    }

    private void Add(byte[] entry)
    {
        EntryBundle.Add(_bundle, entry);
        Size++;
        if (Size % TilePath.Width == 0)
        {
            Write(TilePath.Entries(Size / TilePath.Width - 1), _bundle);
            _outgrown.Add(TilePath.Entries(Size / TilePath.Width - 1) + ".p");
            _bundle.Clear();
        }

        Push(0, MerkleHash.Leaf(entry));
    }

    // Until here only full tiles were written.
    private void Commit()
    {
        if (_bundle.Count > 0)
        {
            Write(TilePath.Entries(Size / TilePath.Width, (int)(Size % TilePath.Width)), _bundle);
        }

        for (int level = 0; level < _edges.Count; level++)
        {
            if (_edges[level].Count > 0)
            {
                Write(TilePath.Tile(level, Size >> (8 * (level + 1)), _edges[level].Count / MerkleHash.Size), _edges[level]);
            }
        }

        Sign();
        RemoveOutgrown();
    }

    public void Dispose()
    {
        _lock.Dispose();
        _signer.Dispose();
    }

    private void Load()
    {
        if (_folder.ReadCheckpoint() is not { } note)
        {
            DurableFile.Write(_folder.PathOf(LogFolder.VkeyFile), Encoding.UTF8.GetBytes(_signer.Verifier.Vkey + "\n"));
            Sign();
            return;
        }

        var checkpoint = Checkpoint.Open(note, _signer.Verifier)
            ?? throw new LogDamagedException($"The checkpoint in {_folder.FullPath} was not signed with this installation's key for the log '{_signer.Verifier.Name}'.");
        (Size, Note) = (checkpoint.Size, note);
        for (int level = 0; Size >> (8 * level) > 0; level++)
        {
            long index = Size >> (8 * (level + 1));
            _edges.Add(LogFolder.WidthOf(level, index, Size) > 0 ? [.. _folder.ReadTile(level, index, Size)] : []);
        }

        foreach (var entry in Size % TilePath.Width > 0 ? _folder.ReadEntries(Size / TilePath.Width, Size)?.Take((int)(Size % TilePath.Width)) ?? [] : [])
        {
            EntryBundle.Add(_bundle, entry);
        }

        if (!Root().AsSpan().SequenceEqual(checkpoint.Root) || EntryBundle.Read(_bundle.ToArray()).Count != Size % TilePath.Width)
        {
            throw new LogDamagedException($"The tiles in {_folder.FullPath} do not lead to the root of their checkpoint (size {Size}): they were changed.");
        }
    }

    // A full tile is written and its root goes one level up.
    private void Push(int level, byte[] hash)
    {
        if (_edges.Count == level)
        {
            _edges.Add([]);
        }

        var edge = _edges[level];
        edge.AddRange(hash);
        if (edge.Count == TilePath.Width * MerkleHash.Size)
        {
            var name = TilePath.Tile(level, (Size >> (8 * (level + 1))) - 1);
            Write(name, edge);
            _outgrown.Add(name + ".p");
            var root = MerkleHash.Perfect(edge.ToArray());
            edge.Clear();
            Push(level + 1, root);
        }
    }

    // The root needs hashes of the tiles at the tree's right edge only, and these are in memory.
    private byte[] Root() => new MerkleTree((level, _) => _edges[level].ToArray()).Root(Size);

    private void Sign()
    {
        Note = _signer.Sign(new Checkpoint(_signer.Verifier.Name, Size, Root()).ToString());
        DurableFile.Write(_folder.PathOf(TilePath.Checkpoint), Encoding.UTF8.GetBytes(Note));
    }

    private void Write(string name, List<byte> content) => DurableFile.Write(_folder.PathOf(name), content.ToArray());

    // Partial tiles whose full one is there. What a kill leaves of them harms nobody.
    private void RemoveOutgrown()
    {
        foreach (var path in _outgrown.Select(_folder.PathOf).Where(Directory.Exists))
        {
            Directory.Delete(path, recursive: true);
        }

        _outgrown.Clear();
    }
}
