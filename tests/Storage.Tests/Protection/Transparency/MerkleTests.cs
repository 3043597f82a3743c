using System.Text;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Protection.Transparency;

/// <summary>The tree against its definition, and the forms against their specifications' own examples.</summary>
public sealed class MerkleTests
{
    // The roots that Certificate Transparency's own programs test with, for the first 0 to 8 of these leaves.
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_are_those_of_Certificate_Transparency()
    {
        var hashes = Leaves.Select(l => MerkleHash.Leaf(Convert.FromHexString(l))).ToArray();
        for (int size = 0; size < Roots.Length; size++)
        {
            Assert.Equal(Roots[size], Convert.ToHexStringLower(Tree(hashes[..size]).Root(size)));
        }
    }

    [Fact]
    public void Roots_and_proofs_are_those_of_the_definition_at_every_size_around_tile_borders()
    {
        var hashes = Enumerable.Range(0, 66_000).Select(i => MerkleHash.Leaf(BitConverter.GetBytes(i))).ToArray();
        foreach (int size in Enumerable.Range(1, 40).Concat([255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 65_999]))
        {
            var tree = Tree(hashes[..size]);
            var root = tree.Root(size);
            Assert.Equal(Naive(hashes.AsSpan(0, size)), root);
            foreach (int index in new[] { 0, 1, size / 3, size / 2, size - 1 }.Where(i => i < size))
            {
                var proof = tree.Inclusion(index, size);
                Assert.Equal(root, MerkleTree.RootOf(hashes[index], index, size, proof));
                Assert.NotEqual(root, MerkleTree.RootOf(MerkleHash.Leaf([1]), index, size, proof));
                Assert.Null(MerkleTree.RootOf(hashes[index], index, size, [.. proof, root]));
            }
        }
    }

    [Fact]
    public void Names_of_tiles_are_those_of_the_specification()
    {
        Assert.Equal("tile/0/x001/x234/067", TilePath.Tile(0, 1234067));
        Assert.Equal("tile/entries/000.p/7", TilePath.Entries(0, 7));
        Assert.Equal("tile/2/x001/000", TilePath.Tile(2, 1000));
        // "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, ..."
        Assert.Equal((256, 112, 0), (LogFolder.WidthOf(0, 272, 70_000), LogFolder.WidthOf(0, 273, 70_000), LogFolder.WidthOf(0, 274, 70_000)));
        Assert.Equal((256, 17, 1), (LogFolder.WidthOf(1, 0, 70_000), LogFolder.WidthOf(1, 1, 70_000), LogFolder.WidthOf(2, 0, 70_000)));
    }

    [Fact]
    public void A_note_is_opened_by_its_key_alone_and_only_as_it_was_signed()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var signer = new NoteSigner("example.com/log", key.ExportPkcs8PrivateKey());
        using var stranger = new NoteSigner("example.com/log", other.ExportPkcs8PrivateKey());
        var text = new Checkpoint("example.com/log", 3, MerkleHash.Empty).ToString();
        var note = signer.Sign(text);
        var verifier = NoteVerifier.Parse(signer.Verifier.Vkey);
        Assert.Equal(text, verifier.Open(note));
        Assert.Equal(3, Checkpoint.Open(note, verifier)!.Size);
        Assert.Null(verifier.Open(stranger.Sign(text)));
        Assert.Null(verifier.Open(note.Replace("\n3\n", "\n4\n", StringComparison.Ordinal)));
        Assert.Null(verifier.Open(text));
        // Signatures of others beside it are passed over.
        Assert.Equal(text, verifier.Open(note + stranger.Sign(text)[(text.Length + 1)..] + "\u2014 witness.example AAAAAAA=\n"));
        // The key's id is the hash of its public key, for this type of signature.
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..8], signer.Verifier.Vkey.Split('+')[1]);
        Assert.Throws<ArgumentException>(() => new NoteSigner("a b", key.ExportPkcs8PrivateKey()));
        Assert.Throws<FormatException>(() => NoteVerifier.Parse(signer.Verifier.Vkey.Replace("log+", "log+0", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_log_grows_entry_by_entry_and_in_lumps_to_the_same_tree()
    {
        using var folder = new TempFolder();
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var entries = Enumerable.Range(0, 1_000).Select(i => Encoding.UTF8.GetBytes($"entry {i}")).ToList();
        var (one, lumps) = (new LogFolder(folder.FullPath + "/one"), new LogFolder(folder.FullPath + "/lumps"));
        for (int at = 0, step = 1; at < 600; at += step, step = 1 + at % 97)
        {
            // Opened anew each time, as after a kill.
            using var writer = LogWriter.Open(one, new NoteSigner("log", key.ExportPkcs8PrivateKey()))!;
            writer.Append(entries.GetRange((int)writer.Size, Math.Min(step, 600 - at)));
        }

        using (var writer = LogWriter.Open(lumps, new NoteSigner("log", key.ExportPkcs8PrivateKey()))!)
        {
            writer.Append(entries.GetRange(0, 600));
            using var blocked = LogWriter.Open(lumps, new NoteSigner("log", key.ExportPkcs8PrivateKey()));
            Assert.Null(blocked);
        }

        var expected = Naive([.. entries.Take(600).Select(e => MerkleHash.Leaf(e))]);
        Assert.Equal(expected, Checkpoint.Parse(one.ReadCheckpoint()!)!.Root);
        Assert.Equal(expected, Checkpoint.Parse(lumps.ReadCheckpoint()!)!.Root);
        Assert.Equal(expected, one.Tree(600).Root(600));
        Assert.False(Directory.Exists(one.PathOf(TilePath.Tile(0, 0) + ".p")));
    }

    private static MerkleTree Tree(byte[][] leaves)
    {
        var levels = new List<byte[][]> { leaves };
        while (levels[^1].Length >= TilePath.Width)
        {
            levels.Add([.. levels[^1].Chunk(TilePath.Width).Where(c => c.Length == TilePath.Width).Select(c => MerkleHash.Perfect(c.SelectMany(h => h).ToArray()))]);
        }

        return new MerkleTree((level, index) => levels[level].Skip((int)index * TilePath.Width).Take(TilePath.Width).SelectMany(h => h).ToArray());
    }

    // RFC 6962 section 2.1, word for word.
    private static byte[] Naive(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
        {
            return leaves[0];
        }

        int k = 1;
        while (k * 2 < leaves.Length)
        {
            k *= 2;
        }

        return MerkleHash.Node(Naive(leaves[..k]), Naive(leaves[k..]));
    }
}
