using System.IO.Compression;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Frames;

namespace CloudStore.Storage.Tests.Files.Frames;

/// <summary>Stored content that was changed, cut, mixed up or made up is refused, with the chunk that shows it.</summary>
public sealed class DamageTests
{
    private const int Chunk = CobblestoneFormat.SealedChunkBytes, Header = CobblestoneFormat.HeaderBytes;

    [Fact]
    public async Task Every_flipped_bit_of_a_small_file_is_noticed_and_its_chunk_named()
    {
        var (stored, written) = await MemoryContent.WriteAsync(RoundTripTests.Text(100));
        for (int bit = 0; bit < stored.Length * 8; bit++)
        {
            var changed = stored.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            await RefusedAsync(changed, written.Codec, bit / 8 < Header ? null : 0);
        }
    }

    [Fact]
    public async Task A_flipped_bit_in_each_part_of_a_file_of_several_chunks_names_its_chunk()
    {
        var (stored, written) = await MemoryContent.WriteAsync(RoundTripTests.Noise(60_000));
        for (int at = Header; at < stored.Length; at += 997)
        {
            var changed = stored.ToArray();
            changed[at] ^= 0x40;
            await RefusedAsync(changed, written.Codec, (at - Header) / Chunk);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(33_000)]
    public async Task Every_length_it_can_be_cut_to_is_refused(int length)
    {
        var (stored, written) = await MemoryContent.WriteAsync(RoundTripTests.Text(length));
        int step = length < 1000 ? 1 : 61;
        for (int left = 0; left < stored.Length; left += step)
        {
            var refused = await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(stored[..left], written.Codec));
            Assert.Equal(left < Header ? null : (left - Header) / Chunk, refused.Chunk is { } c && left >= Header && c == (left - Header) / Chunk - 1 ? c + 1 : refused.Chunk);
        }

        await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync([.. stored, 0], written.Codec));
        await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync([.. stored, .. stored[Header..]], written.Codec));
    }

    [Fact]
    public async Task Chunks_that_are_swapped_dropped_doubled_or_of_another_file_are_refused()
    {
        var (stored, written) = await MemoryContent.WriteAsync(RoundTripTests.Noise(100_000));
        var (other, _) = await MemoryContent.WriteAsync(RoundTripTests.Noise(100_000));
        byte[] Part(byte[] content, int chunk) => content[(Header + chunk * Chunk)..Math.Min(content.Length, Header + (chunk + 1) * Chunk)];
        byte[] Whole(params byte[][] parts) => [.. stored[..Header], .. parts.SelectMany(p => p)];
        var p = Enumerable.Range(0, 7).Select(i => Part(stored, i)).ToArray();
        await RefusedAsync(Whole(p[0], p[2], p[1], p[3], p[4], p[5], p[6]), written.Codec, 1, 2);
        await RefusedAsync(Whole(p[0], p[1], p[1], p[3], p[4], p[5], p[6]), written.Codec, 2);
        await RefusedAsync(Whole(p[0], p[1], p[2], p[4], p[5], p[6]), written.Codec, 2, 3, 4, 5);
        await RefusedAsync(Whole(p[0], p[1], p[2], Part(other, 3), p[4], p[5], p[6]), written.Codec, 3);
        await RefusedAsync([.. other[..Header], .. stored[Header..]], written.Codec, 2, 3, 4, 5, 6);
        Assert.Equal(100_000, (await MemoryContent.ReadAsync(Whole(p), written.Codec)).Length);
    }

    [Fact]
    public async Task Content_is_refused_as_another_tenants_file_version_or_codec_and_under_another_key()
    {
        var (stored, _) = await MemoryContent.WriteAsync(RoundTripTests.Text(100));
        var own = MemoryContent.Context;
        foreach (var context in (FileContext[])[own with { Tenant = "other" }, own with { File = Guid.CreateVersion7() }, own with { Version = 2 }])
        {
            Assert.Null((await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(stored, context: context))).Chunk);
        }

        Assert.Null((await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(stored, FileCodec.Zlib))).Chunk);
        Assert.Null((await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(stored, key: new byte[32]))).Chunk);
    }

    [Theory]
    [InlineData(FileCodec.Gzip)]
    [InlineData(FileCodec.Zlib)]
    [InlineData(FileCodec.Brotli)]
    [InlineData(FileCodec.Xz)]
    public async Task A_frame_that_unpacks_to_more_or_less_than_it_says_is_refused_before_it_fills_the_memory(FileCodec codec)
    {
        // Whoever has the key could write such content; the reader stops at the frame's length all the same.
        var bomb = Pack(codec, new byte[64 << 20]);
        foreach (int claimed in (int[])[1 << 20, bomb.Length + 1])
        {
            var refused = await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(Store(codec, claimed, [FrameIndex.Entry(bomb.Length, raw: false)], bomb), codec));
            Assert.Contains($"does not decompress to the {claimed} bytes", refused.Message, StringComparison.Ordinal);
        }

        var little = Pack(codec, new byte[1000]);
        await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(Store(codec, 1001, [FrameIndex.Entry(little.Length, raw: false)], little), codec));
        await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(Store(codec, 1000, [FrameIndex.Entry(little.Length, raw: false)], RoundTripTests.Noise(little.Length)), codec));
        Assert.Equal(1000, (await MemoryContent.ReadAsync(Store(codec, 1000, [FrameIndex.Entry(little.Length, raw: false)], little), codec)).Length);
    }

    [Theory]
    [InlineData(100, 100, 99u)]
    [InlineData(100, 100, 101u)]
    [InlineData(100, 99, 99u)]
    [InlineData(100, 1 << 30, 100u)]
    [InlineData(100, -1, 100u)]
    [InlineData(100, 0, 100u)]
    public async Task An_index_that_does_not_describe_what_is_there_is_refused(int bytes, long length, uint entry)
    {
        await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(Store(FileCodec.None, length, [entry | 1u << 31], new byte[bytes])));
        await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(Store(FileCodec.None, length, [], new byte[bytes])));
    }

    [Fact]
    public async Task A_whole_reading_fails_at_its_end_where_the_recorded_hash_is_another_one()
    {
        var (stored, written) = await MemoryContent.WriteAsync(RoundTripTests.Noise(3 << 20));
        var refused = await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(stored, written.Codec, sha256: new string('0', 64)));
        Assert.Contains("hash", refused.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(byte[] stored, FileCodec codec, params long?[] chunks)
    {
        var refused = await Assert.ThrowsAsync<DamagedContentException>(() => MemoryContent.ReadAsync(stored, codec));
        Assert.Contains(refused.Chunk, chunks);
        Assert.Contains(refused.Chunk is { } chunk ? $"Chunk {chunk} " : "header", refused.Message, StringComparison.Ordinal);
    }

    private static Task RefusedAsync(byte[] stored, FileCodec codec, long? chunk) => RefusedAsync(stored, codec, [chunk]);

    // Content as the engine would never write it, with the right key.
    private static byte[] Store(FileCodec codec, long length, uint[] entries, byte[] frames)
    {
        byte[] message = [.. frames, .. FrameIndex.Write(codec, length, entries)];
        var stored = new byte[CobblestoneFormat.SealedLength(message.Length)];
        using var cipher = CobblestoneCipher.Create(MemoryContent.Key, MemoryContent.Context.Bytes(codec));
        cipher.Header.CopyTo(stored);
        cipher.Seal(0, message, stored.AsSpan(Header), final: true);
        return stored;
    }

    private static byte[] Pack(FileCodec codec, byte[] plain)
    {
        if (codec is FileCodec.Xz)
        {
            var packed = new byte[plain.Length];
            return packed[..FrameCodec.Of(codec).Compress(plain, plain.Length, packed, packed.Length)];
        }

        using var output = new MemoryStream();
        using (Stream stream = codec switch
        {
            FileCodec.Gzip => new GZipStream(output, CompressionLevel.Optimal),
            FileCodec.Zlib => new ZLibStream(output, CompressionLevel.Optimal),
            _ => new BrotliStream(output, CompressionLevel.Optimal),
        })
        {
            stream.Write(plain);
        }

        return output.ToArray();
    }
}
