using System.IO.Compression;

namespace CloudStore.Storage.Files.Compression;

/// <summary>Compresses frames, each by itself. Safe for any number of threads.</summary>
public abstract class FrameCodec
{
    private static readonly FrameCodec[] Codecs = [new NoCodec(), new DeflateCodec(gzip: true), new DeflateCodec(gzip: false), new BrotliCodec(), new XzCodec()];

    public abstract FileCodec Kind { get; }

    /// <exception cref="ServiceDefaults.Problems.ProblemException">Of kind unprocessable: its library is not on this machine.</exception>
    public static FrameCodec Of(FileCodec kind)
    {
        var codec = Codecs[(int)kind];
        codec.Require();
        return codec;
    }

    /// <summary>Throws where the codec cannot work here.</summary>
    public virtual void Require()
    {
    }

    /// <returns>The compressed length; 0 where it is not below <paramref name="output"/>'s.</returns>
    public abstract int Compress(byte[] plain, int length, byte[] output, int limit);

    /// <summary>Decompresses a frame to exactly <paramref name="length"/> bytes; never writes more.</summary>
    /// <exception cref="InvalidDataException">It is not compressed so, or gives more or fewer bytes.</exception>
    public abstract void Decompress(byte[] packed, int offset, int count, byte[] plain, int length);

    private protected static InvalidDataException Length(int length) => new($"it does not decompress to the {length} bytes it should");

    private sealed class NoCodec : FrameCodec
    {
        public override FileCodec Kind => FileCodec.None;

        public override int Compress(byte[] plain, int length, byte[] output, int limit) => 0;

        public override void Decompress(byte[] packed, int offset, int count, byte[] plain, int length) => throw new InvalidDataException("it says that it is compressed, and nothing is here");
    }

    private sealed class DeflateCodec(bool gzip) : FrameCodec
    {
        public override FileCodec Kind => gzip ? FileCodec.Gzip : FileCodec.Zlib;

        public override int Compress(byte[] plain, int length, byte[] output, int limit)
        {
            using var target = new MemoryStream(output, 0, limit);
            try
            {
                using (Stream stream = gzip ? new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true) : new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true))
                {
                    stream.Write(plain, 0, length);
                }

                return (int)target.Position;
            }
            catch (NotSupportedException)
            {
                // The memory stream does not grow: there is nothing to win.
                return 0;
            }
        }

        public override void Decompress(byte[] packed, int offset, int count, byte[] plain, int length)
        {
            using var source = new MemoryStream(packed, offset, count);
            using Stream stream = gzip ? new GZipStream(source, CompressionMode.Decompress) : new ZLibStream(source, CompressionMode.Decompress);
            Span<byte> more = stackalloc byte[1];
            if (stream.ReadAtLeast(plain.AsSpan(0, length), length, throwOnEndOfStream: false) != length || stream.Read(more) != 0)
            {
                throw Length(length);
            }
        }
    }

    private sealed class BrotliCodec : FrameCodec
    {
        private const int Quality = 4, Window = 20;

        public override FileCodec Kind => FileCodec.Brotli;

        public override int Compress(byte[] plain, int length, byte[] output, int limit) =>
            BrotliEncoder.TryCompress(plain.AsSpan(0, length), output.AsSpan(0, limit), out int written, Quality, Window) ? written : 0;

        public override void Decompress(byte[] packed, int offset, int count, byte[] plain, int length)
        {
            if (!BrotliDecoder.TryDecompress(packed.AsSpan(offset, count), plain.AsSpan(0, length), out int written) || written != length)
            {
                throw Length(length);
            }
        }
    }
}
