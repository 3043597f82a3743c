using System.IO.Compression;

namespace CloudStore.Storage.Series.Parquet.Codecs;

/// <summary>Compresses pages, each by itself. Safe for any number of threads.</summary>
internal abstract class PageCodec
{
    private static readonly PageCodec Snappy = new SnappyCodec(), Gzip = new GzipCodec(), Brotli = new BrotliCodec(), Lz4 = new Lz4Codec(), Lz4Hadoop = new Lz4HadoopCodec(), Zstd = new ZstdCodec();

    /// <summary>Most bytes that one compressed byte can stand for in this codec, or more.</summary>
    public abstract int MaxExpansion { get; }

    /// <returns>Null where nothing is compressed.</returns>
    /// <exception cref="ParquetException">The codec is not supported, or its library is not on this machine.</exception>
    public static PageCodec? Of(ParquetCodec codec)
    {
        var found = codec switch
        {
            ParquetCodec.Uncompressed => null,
            ParquetCodec.Snappy => Snappy,
            ParquetCodec.Gzip => Gzip,
            ParquetCodec.Brotli => Brotli,
            ParquetCodec.Lz4Raw => Lz4,
            ParquetCodec.Lz4Hadoop => Lz4Hadoop,
            ParquetCodec.Zstd => Zstd,
            ParquetCodec.Lzo => throw new ParquetException("it is compressed with LZO, which is not supported"),
            _ => throw new ParquetException($"it is compressed with codec {(int)codec}, which the format does not have"),
        };
        found?.Require();
        return found;
    }

    /// <summary>Throws where the codec cannot work here.</summary>
    public virtual void Require()
    {
    }

    /// <summary>Appends the compressed bytes.</summary>
    public abstract void Compress(ReadOnlySpan<byte> plain, ByteBuffer output);

    /// <summary>Fills <paramref name="plain"/>, never more.</summary>
    /// <exception cref="ParquetException">It is not compressed so, or gives more or fewer bytes.</exception>
    public abstract void Decompress(ReadOnlySpan<byte> packed, Span<byte> plain);

    private protected static ParquetException Damaged(string codec, int length, Exception? inner = null) => new($"the page does not decompress ({codec}) to the {length} bytes that its header names", inner);

    private sealed class BrotliCodec : PageCodec
    {
        private const int Quality = 4, Window = 20;

        // A metablock of 16 MiB takes a few bytes.
        public override int MaxExpansion => 1 << 23;

        public override void Compress(ReadOnlySpan<byte> plain, ByteBuffer output)
        {
            if (!BrotliEncoder.TryCompress(plain, output.Room(BrotliEncoder.GetMaxCompressedLength(plain.Length)), out int written, Quality, Window))
            {
                throw new InvalidOperationException("Brotli needs more than its own bound.");
            }

            output.Advance(written);
        }

        public override void Decompress(ReadOnlySpan<byte> packed, Span<byte> plain)
        {
            if (!BrotliDecoder.TryDecompress(packed, plain, out int written) || written != plain.Length)
            {
                throw Damaged("brotli", plain.Length);
            }
        }
    }
}
