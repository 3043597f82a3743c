using System.Security.Cryptography;
using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Frames;

namespace CloudStore.Storage.Tests.Files.Frames;

/// <summary>What is written comes back, whole and in parts, whatever its length and compression.</summary>
public sealed class RoundTripTests
{
    private const int MiB = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<Compress, int> Sizes() =>
        new([Compress.None, Compress.Gzip, Compress.Zlib, Compress.Brotli, Compress.Xz, Compress.Auto], [0, 1, 16367, 16368, 16384, MiB - 1, MiB, MiB + 1, 5 * MiB + 77]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Content_comes_back_as_it_was(Compress compress, int length)
    {
        foreach (var plain in (byte[][])[Text(length), Noise(length)])
        {
            var (stored, written) = await MemoryContent.WriteAsync(plain, compress);
            Assert.Equal((length, stored.Length, Convert.ToHexStringLower(SHA256.HashData(plain))), (written.Bytes, written.StoredBytes, written.Sha256));
            Assert.Equal(plain[..Math.Min(length, 4096)], written.Head);
            Assert.Equal(plain, await MemoryContent.ReadAsync(stored, written.Codec, sha256: written.Sha256));
            if (plain.Length > 10_000 && compress != Compress.None && plain.AsSpan().StartsWith("line"u8))
            {
                Assert.InRange(stored.Length, 0, length / 3);
            }
        }
    }

    [Theory]
    [InlineData(Compress.None)]
    [InlineData(Compress.Zlib)]
    public async Task Any_part_can_be_read_by_itself(Compress compress)
    {
        var plain = Text(5 * MiB + 777);
        var (stored, written) = await MemoryContent.WriteAsync(plain, compress);
        await using var stream = await MemoryContent.OpenAsync(stored, written.Codec);
        var random = new Random(4711);
        for (int i = 0; i < 60; i++)
        {
            int from = random.Next(plain.Length), to = Math.Min(plain.Length, from + random.Next(1, i % 10 == 0 ? 3 * MiB : 70_000));
            stream.Position = from;
            var part = new byte[to - from];
            await stream.ReadExactlyAsync(part, Token);
            Assert.True(plain.AsSpan(from..to).SequenceEqual(part), $"bytes {from} to {to}");
        }

        stream.Position = plain.Length;
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Token));
    }

    [Fact]
    public async Task A_part_of_uncompressed_content_costs_only_the_chunks_it_is_in()
    {
        var (stored, _) = await MemoryContent.WriteAsync(Noise(8 * MiB));
        var content = new MemoryContent(stored);
        await using var stream = new FrameStream(await FrameReader.OpenAsync(content, MemoryContent.Key, MemoryContent.Context, FileCodec.None, Token));
        long opening = content.BytesRead;
        stream.Position = 4 * MiB + 100_000;
        stream.StopAt(4 * MiB + 165_536);
        Assert.Equal(65_536, await stream.ReadAtLeastAsync(new byte[100_000], 100_000, throwOnEndOfStream: false, Token));
        Assert.InRange(opening, 1, 100_000);
        Assert.InRange(content.BytesRead - opening, 65_536, 6 * CobblestoneFormat.SealedChunkBytes);
    }

    [Fact]
    public async Task Auto_compresses_recordings_and_text_and_leaves_what_does_not_shrink()
    {
        var wave = new byte[3 * MiB];
        for (int i = 0; i < wave.Length / 2; i++)
        {
            BitConverter.TryWriteBytes(wave.AsSpan(2 * i), (short)(3000 * Math.Sin(i / 20.0)));
        }

        Assert.NotEqual(FileCodec.None, (await MemoryContent.WriteAsync(wave, Compress.Auto)).Written.Codec);
        Assert.NotEqual(FileCodec.None, (await MemoryContent.WriteAsync(Text(100_000), Compress.Auto)).Written.Codec);
        var (stored, written) = await MemoryContent.WriteAsync(Noise(3 * MiB), Compress.Auto);
        Assert.Equal(FileCodec.None, written.Codec);
        // Asked for, a codec is kept; frames that do not shrink are stored as they are.
        var (packed, forced) = await MemoryContent.WriteAsync(Noise(3 * MiB), Compress.Brotli);
        Assert.Equal((FileCodec.Brotli, stored.Length), (forced.Codec, packed.Length));
    }

    [Fact]
    public async Task Content_longer_than_is_accepted_is_refused()
    {
        var content = new MemoryContent();
        var refused = await Assert.ThrowsAsync<ProblemException>(() =>
            FrameWriter.WriteAsync(new MemoryStream(Noise(2 * MiB + 1)), content, MemoryContent.Key, MemoryContent.Context, Compress.None, 2 * MiB, Token));
        Assert.Equal(ProblemKind.TooLarge, refused.Kind);
        Assert.Equal(2 * MiB, (await FrameWriter.WriteAsync(new MemoryStream(Noise(2 * MiB)), content, MemoryContent.Key, MemoryContent.Context, Compress.None, 2 * MiB, Token)).Bytes);
    }

    [Fact]
    public async Task The_same_content_is_never_stored_the_same_way_twice()
    {
        var plain = Text(1000);
        Assert.NotEqual((await MemoryContent.WriteAsync(plain)).Stored, (await MemoryContent.WriteAsync(plain)).Stored);
        var (stored, _) = await MemoryContent.WriteAsync(plain);
        Assert.Equal(-1, stored.AsSpan().IndexOf(plain.AsSpan(0, 16)));
    }

    internal static byte[] Text(int length)
    {
        var text = new StringBuilder(length + 64);
        for (int i = 0; text.Length < length; i++)
        {
            text.Append("line ").Append(i % 997).Append(" of a text that repeats itself\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    internal static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
