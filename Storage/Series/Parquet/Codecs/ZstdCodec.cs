using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace CloudStore.Storage.Series.Parquet.Codecs;

/// <summary>Zstandard (RFC 8878) by libzstd's functions for whole buffers (zstd.h), where the library is on the machine. Its contexts are kept and used again.</summary>
internal sealed unsafe partial class ZstdCodec : PageCodec
{
    private const string Library = "libzstd.so.1";
    private const int Level = 3;
    private static readonly Lazy<bool> IsThere = new(() => NativeLibrary.TryLoad(Library, typeof(ZstdCodec).Assembly, null, out _));
    private readonly ConcurrentBag<nint> _compressors = [], _decompressors = [];

    // A block of 128 KiB of one byte takes four bytes.
    public override int MaxExpansion => 1 << 16;

    public override void Require()
    {
        if (!IsThere.Value)
        {
            throw new ParquetException($"zstd needs the library {Library}, which is not on this machine: install libzstd, or have it written with another codec");
        }
    }

    public override void Compress(ReadOnlySpan<byte> plain, ByteBuffer output)
    {
        nint context = _compressors.TryTake(out nint kept) ? kept : CreateCompressor();
        var room = output.Room(checked((int)Bound((nuint)plain.Length)));
        fixed (byte* source = plain, target = room)
        {
            nuint written = Compress(context, target, (nuint)room.Length, source, (nuint)plain.Length, Level);
            _compressors.Add(context);
            if (IsError(written) != 0)
            {
                throw new InvalidOperationException("libzstd needs more than its own bound.");
            }

            output.Advance((int)written);
        }
    }

    public override void Decompress(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        nint context = _decompressors.TryTake(out nint kept) ? kept : CreateDecompressor();
        // A pointer to nothing is no target, even for nothing.
        byte nothing = 0;
        fixed (byte* source = packed, target = plain)
        {
            nuint written = Decompress(context, target is null ? &nothing : target, (nuint)plain.Length, source, (nuint)packed.Length);
            _decompressors.Add(context);
            if (IsError(written) != 0 || written != (nuint)plain.Length)
            {
                throw Damaged("zstd", plain.Length);
            }
        }
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    private static partial nint CreateCompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial nint CreateDecompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    private static partial nuint Bound(nuint length);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    private static partial nuint Compress(nint context, byte* target, nuint capacity, byte* source, nuint length, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    private static partial nuint Decompress(nint context, byte* target, nuint capacity, byte* source, nuint length);
}
