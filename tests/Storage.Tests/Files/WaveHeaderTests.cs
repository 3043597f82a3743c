using CloudStore.Storage.Files;
using CloudStore.TestKit;
using static CloudStore.TestKit.Waves;

namespace CloudStore.Storage.Tests.Files;

/// <summary>Headers of recordings: right ones in their several forms, and what is none.</summary>
public sealed class WaveHeaderTests
{
    private static readonly byte[] Mono = Chunk("fmt ", Format(1, 1, 8000, 16)), Samples = Chunk("data", new byte[16_000]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[], string, int, int, int, double> Right() => new()
    {
        { "plain", Riff("RIFF", null, Mono, Samples), "pcm", 8000, 1, 16, 1 },
        { "extensible", Riff("RIFF", null, Chunk("fmt ", Extensible(3, 2, 48_000, 32)), Chunk("data", new byte[384_000])), "float", 48_000, 2, 32, 1 },
        { "mu-law", Riff("RIFF", null, Chunk("fmt ", Format(7, 1, 8000, 8)), Chunk("data", new byte[4000])), "mulaw", 8000, 1, 8, 0.5 },
        { "an odd chunk before the samples", Riff("RIFF", null, Chunk("LIST", new byte[7]), Mono, Chunk("odd ", new byte[1]), Samples), "pcm", 8000, 1, 16, 1 },
        { "more samples said than there are", Riff("RIFF", 4_000_000_000, Mono, Chunk("data", new byte[16_000], 4_000_000_000)), "pcm", 8000, 1, 16, 1 },
        { "a stream's, which says nothing", Riff("RIFF", 0, Mono, Chunk("data", new byte[16_000], 0)), "pcm", 8000, 1, 16, 1 },
        { "a stream's, which says all ones", Riff("RIFF", uint.MaxValue, Mono, Chunk("data", new byte[16_000], uint.MaxValue)), "pcm", 8000, 1, 16, 1 },
        { "chunks behind the samples", Riff("RIFF", null, Mono, Samples, Chunk("LIST", new byte[500])), "pcm", 8000, 1, 16, 1 },
        { "RF64", Riff("RF64", uint.MaxValue, Chunk("ds64", LongSizes(16_072, 16_000, 8000)), Mono, Chunk("data", new byte[16_000], uint.MaxValue), Chunk("LIST", new byte[500])), "pcm", 8000, 1, 16, 1 },
        { "a format without a name", Riff("RIFF", null, Chunk("fmt ", Format(0x55, 1, 8000, 16)), Samples), "85", 8000, 1, 16, 1 },
    };

    public static TheoryData<string, byte[]> Wrong() => new()
    {
        { "nothing", [] },
        { "the beginning of a header", [.. "RIFF"u8, 4, 0, 0, 0, .. "WAV"u8] },
        { "nothing but a header", Riff("RIFF", null) },
        { "no samples", Riff("RIFF", null, Mono) },
        { "no format", Riff("RIFF", null, Samples) },
        { "samples before their format", Riff("RIFF", null, Samples, Mono) },
        { "no channels", Riff("RIFF", null, Chunk("fmt ", Format(1, 0, 8000, 16)), Samples) },
        { "a rate of nothing", Riff("RIFF", null, Chunk("fmt ", Format(1, 1, 0, 16)), Samples) },
        { "a negative rate", Riff("RIFF", null, Chunk("fmt ", Format(1, 1, -8000, 16)), Samples) },
        { "a format that is too short", Riff("RIFF", null, Chunk("fmt ", new byte[14]), Samples) },
        { "a chunk that says it goes on for four gigabytes", Riff("RIFF", null, Chunk("junk", new byte[8], uint.MaxValue), Mono, Samples) },
        { "an archive", [.. "PK\u0003\u0004"u8, .. new byte[100]] },
        { "text", [.. "RIFF is not all it takes to be a WAVE"u8] },
    };

    [Theory, MemberData(nameof(Right))]
    public async Task A_header_says_what_the_recording_is(string what, byte[] file, string format, int rate, int channels, int bits, double seconds)
    {
        var header = await WaveHeader.ReadAsync(new MemoryStream(file), Token);
        Assert.True(header is not null, what);
        Assert.Equal((format, rate, channels, bits), (header.FormatName, header.SampleRate, header.Channels, header.BitsPerSample));
        Assert.Equal(seconds, header.Duration, 0.05);
        Assert.Equal(header, WaveHeader.Read(file.AsSpan(0, Math.Min(file.Length, 4096)), file.Length));
    }

    [Theory, MemberData(nameof(Wrong))]
    public async Task What_is_no_recording_is_none(string what, byte[] file)
    {
        Assert.True(await WaveHeader.ReadAsync(new MemoryStream(file), Token) is null, what);
        Assert.True(WaveHeader.Read(file.AsSpan(0, Math.Min(file.Length, 4096)), file.Length) is null, what);
    }

    [Fact]
    public async Task Samples_that_begin_far_behind_the_header_are_found()
    {
        var file = Riff("RIFF", null, Mono, Chunk("bext", new byte[100_001]), Samples);
        Assert.Null(WaveHeader.Read(file.AsSpan(0, 4096), file.Length));
        Assert.Equal(16_000, (await WaveHeader.ReadAsync(new MemoryStream(file), Token))?.DataBytes);
    }

    [Fact]
    public async Task Every_truncation_and_every_flipped_bit_is_read_or_refused_and_never_a_crash()
    {
        var file = Riff("RIFF", null, Chunk("fmt ", Extensible(1, 1, 8000, 16)), Chunk("fact", new byte[5]), Chunk("data", new byte[100]));
        for (int length = 0; length < file.Length; length++)
        {
            var header = await WaveHeader.ReadAsync(new MemoryStream(file[..length]), Token);
            Assert.InRange(header?.DataBytes ?? 0, 0, length);
        }

        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            var flipped = (byte[])file.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var header = await WaveHeader.ReadAsync(new MemoryStream(flipped), Token);
            Assert.InRange(header?.DataBytes ?? 0, 0, file.Length);
            Assert.True(header is null || double.IsFinite(header.Duration));
        }
    }

    [Fact]
    public async Task Chunks_without_end_are_given_up()
    {
        var file = Riff("RIFF", null, [.. Enumerable.Repeat(Chunk("none", []), 200_000), Mono, Samples]);
        Assert.Null(await WaveHeader.ReadAsync(new MemoryStream(file), Token));
    }
}
