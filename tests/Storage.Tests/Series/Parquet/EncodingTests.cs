using System.Text;
using CloudStore.Storage.Series.Parquet;
using CloudStore.Storage.Series.Parquet.Codecs;
using CloudStore.Storage.Series.Parquet.Encodings;

namespace CloudStore.Storage.Tests.Series.Parquet;

public sealed class EncodingTests
{
    [Fact]
    public void Numbers_of_any_width_are_unpacked_as_they_were_packed()
    {
        var random = new Random(1);
        for (int width = 0; width <= 64; width++)
        {
            foreach (int count in new[] { 0, 8, 32, 256, 1000 })
            {
                ulong mask = width == 0 ? 0 : ulong.MaxValue >> (64 - width);
                var wide = Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64() * 3 & mask).ToArray();
                using var packed = new ByteBuffer();
                BitPacking.Pack(wide, width, packed);
                var back = new ulong[count];
                BitPacking.Unpack(packed.Written, width, back);
                Assert.Equal(wide, back);
                if (width <= 32)
                {
                    var narrow = wide.Select(v => (int)(uint)v).ToArray();
                    using var same = new ByteBuffer();
                    BitPacking.Pack(narrow, width, same);
                    Assert.True(same.Written.SequenceEqual(packed.Written), $"width {width}, {count} numbers");
                    var read = new uint[count];
                    BitPacking.Unpack(packed.Written, width, read);
                    Assert.Equal(wide.Select(v => (uint)v), read);
                }
            }
        }
    }

    [Fact]
    public void The_hybrid_keeps_runs_and_noise_of_any_length()
    {
        var random = new Random(2);
        for (int round = 0; round < 300; round++)
        {
            int width = random.Next(1, 21);
            List<int> values = [];
            while (values.Count < round * 10)
            {
                values.AddRange(random.Next(2) == 0 ? Enumerable.Repeat(random.Next(1 << width), random.Next(1, 60)) : Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(1 << width)));
            }

            using var written = new ByteBuffer();
            HybridWriter.Write([.. values], width, written);
            var read = new int[values.Count];
            new HybridReader(written.Written, width).Read(read, 1 << width);
            Assert.Equal(values, read);
            var looked = new long[values.Count];
            new HybridReader(written.Written, width).Read(looked, Enumerable.Range(0, 1 << width).Select(i => i * 7L).ToArray());
            Assert.Equal(values.Select(v => v * 7L), looked);
        }
    }

    // The example of Encodings.md in parquet-format: 0 to 7 in three bits each.
    [Fact]
    public void Packed_numbers_lie_as_the_format_shows()
    {
        using var written = new ByteBuffer();
        BitPacking.Pack([0, 1, 2, 3, 4, 5, 6, 7], 3, written);
        Assert.Equal([0b10001000, 0b11000110, 0b11111010], written.Written.ToArray());
    }

    // The examples of Encodings.md: 1 to 5 have equal differences, and 7, 5, 3, 1, 2, 3, 4, 5 have -2 as the smallest and two bits above it.
    [Fact]
    public void Differences_lie_as_the_format_shows()
    {
        using var even = new ByteBuffer();
        DeltaWriter.Write([1, 2, 3, 4, 5], isWide: true, even);
        Assert.Equal([0x80, 0x01, 4, 5, 2, 2, 0, 0, 0, 0], even.Written.ToArray());
        using var uneven = new ByteBuffer();
        DeltaWriter.Write([7, 5, 3, 1, 2, 3, 4, 5], isWide: true, uneven);
        Assert.Equal([0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0, 0, 0], uneven.Written.ToArray());
    }

    [Fact]
    public void Differences_go_round_where_they_exceed_their_bits()
    {
        long[] extremes = [long.MinValue, long.MaxValue, 0, -1, long.MaxValue, long.MinValue];
        using var wide = new ByteBuffer();
        DeltaWriter.Write(extremes, isWide: true, wide);
        var back = new long[extremes.Length];
        Assert.Equal(wide.Length, DeltaReader.Read(wide.Written, back));
        Assert.Equal(extremes, back);
        long[] narrow = [int.MinValue, int.MaxValue, 0, -1, int.MaxValue];
        using var half = new ByteBuffer();
        DeltaWriter.Write(narrow, isWide: false, half);
        var read = new int[narrow.Length];
        DeltaReader.Read(half.Written, read);
        Assert.Equal(narrow, read.Select(v => (long)v));
        // Other readers refuse widths above 32 in columns of 32 bits.
        Assert.All(half.Written.ToArray()[14..18], width => Assert.InRange(width, 0, 32));
    }

    [Theory]
    [InlineData(ParquetCodec.Snappy)]
    [InlineData(ParquetCodec.Lz4Raw)]
    public void A_codec_of_ours_gives_back_what_it_took(ParquetCodec kind)
    {
        var codec = PageCodec.Of(kind)!;
        var random = new Random(3);
        for (int round = 0; round < 400; round++)
        {
            var plain = Hard(random, round < 100 ? round : random.Next(0, 200_000));
            using var packed = new ByteBuffer();
            codec.Compress(plain, packed);
            var back = new byte[plain.Length];
            codec.Decompress(packed.Written, back);
            Assert.True(plain.AsSpan().SequenceEqual(back), $"round {round}");
            Assert.Throws<ParquetException>(() => codec.Decompress(packed.Written, new byte[plain.Length + 1]));
        }
    }

    // As Google's library compresses them: literals of one and of two length bytes, copies with one, two and four bytes of offset, and a copy of itself.
    [Theory]
    [InlineData("0e14536e61707079 1106", "SnappySnappySn")]
    [InlineData("0a00610100 0001 09010000", "")]
    [InlineData("0a0061 22 0100", "aaaaaaaaaa")]
    [InlineData("0a0061 23 01000000", "aaaaaaaaaa")]
    public void Snappy_is_read_as_its_description_says(string hex, string text)
    {
        var packed = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var plain = new byte[text.Length == 0 ? 10 : text.Length];
        if (text.Length == 0)
        {
            Assert.Throws<ParquetException>(() => PageCodec.Of(ParquetCodec.Snappy)!.Decompress(packed, plain));
            return;
        }

        PageCodec.Of(ParquetCodec.Snappy)!.Decompress(packed, plain);
        Assert.Equal(text, Encoding.ASCII.GetString(plain));
    }

    [Theory]
    [InlineData(ParquetCodec.Snappy)]
    [InlineData(ParquetCodec.Lz4Raw)]
    [InlineData(ParquetCodec.Lz4Hadoop)]
    [InlineData(ParquetCodec.Gzip)]
    [InlineData(ParquetCodec.Brotli)]
    [InlineData(ParquetCodec.Zstd)]
    public void Noise_does_not_decompress(ParquetCodec kind)
    {
        var codec = PageCodec.Of(kind)!;
        var random = new Random(4);
        for (int round = 0; round < 3000; round++)
        {
            var noise = new byte[random.Next(0, 60)];
            random.NextBytes(noise);
            try
            {
                codec.Decompress(noise, new byte[random.Next(0, 500)]);
            }
            catch (ParquetException)
            {
            }
        }
    }

    [Fact]
    public void LZ4_in_Hadoops_framing_is_read()
    {
        using var block = new ByteBuffer();
        var plain = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("minute bar ", 50)));
        PageCodec.Of(ParquetCodec.Lz4Raw)!.Compress(plain, block);
        byte[] framed = [0, 0, (byte)(plain.Length >> 8), (byte)plain.Length, 0, 0, 0, (byte)block.Length, .. block.Written];
        var back = new byte[plain.Length * 2];
        PageCodec.Of(ParquetCodec.Lz4Hadoop)!.Decompress([.. framed, .. framed], back);
        Assert.Equal([.. plain, .. plain], back);
    }

    // Runs, repetitions near and far, and noise.
    private static byte[] Hard(Random random, int length)
    {
        var bytes = new byte[length];
        for (int at = 0; at < length;)
        {
            int take = Math.Min(length - at, random.Next(1, 400));
            var part = bytes.AsSpan(at, take);
            switch (random.Next(4))
            {
                case 0: random.NextBytes(part); break;
                case 1: part.Fill((byte)random.Next(256)); break;
                case 2 when at > 0:
                    int back = random.Next(1, Math.Min(at, 70_000) + 1);
                    for (int i = 0; i < take; i++)
                    {
                        part[i] = bytes[at + i - back];
                    }

                    break;
                default:
                    for (int i = 0; i < take; i++)
                    {
                        part[i] = (byte)"0123456789.,-"[random.Next(13)];
                    }

                    break;
            }

            at += take;
        }

        return bytes;
    }
}
