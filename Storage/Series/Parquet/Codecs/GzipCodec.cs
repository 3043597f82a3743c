using System.IO.Compression;

namespace CloudStore.Storage.Series.Parquet.Codecs;

/// <summary>gzip (RFC 1952), of one or several members one after the other.</summary>
internal sealed unsafe class GzipCodec : PageCodec
{
    // Deflate's own limit: 258 bytes for two bits.
    public override int MaxExpansion => 1040;

    public override void Compress(ReadOnlySpan<byte> plain, ByteBuffer output)
    {
        using var stream = new GZipStream(new Sink(output), CompressionLevel.Fastest);
        stream.Write(plain);
    }

    public override void Decompress(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        if (packed.IsEmpty)
        {
            throw Damaged("gzip", plain.Length);
        }

        fixed (byte* from = packed)
        {
            using var source = new UnmanagedMemoryStream(from, packed.Length);
            using var stream = new GZipStream(source, CompressionMode.Decompress);
            Span<byte> more = stackalloc byte[1];
            try
            {
                if (stream.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false) != plain.Length || stream.Read(more) != 0)
                {
                    throw Damaged("gzip", plain.Length);
                }
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                throw Damaged("gzip", plain.Length, e);
            }
        }
    }

    private sealed class Sink(ByteBuffer output) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer) => output.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
