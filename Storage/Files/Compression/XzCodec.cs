using System.Runtime.InteropServices;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Files.Compression;

/// <summary>The .xz format by liblzma's functions for whole buffers (lzma/container.h), with a dictionary of a frame's size: about 16 MiB of memory for each frame under work.</summary>
internal sealed unsafe partial class XzCodec : FrameCodec
{
    private const string Library = "liblzma.so.5";
    private const uint Preset = 6;
    private const uint DictionaryBytes = 1 << 20;
    private const ulong Lzma2 = 0x21, NoMoreFilters = ulong.MaxValue;
    private const int CheckNone = 0;
    private const int OptionsBytes = 512;
    private const ulong MemoryLimit = 64 << 20;
    private static readonly Lazy<bool> IsThere = new(() => NativeLibrary.TryLoad(Library, typeof(XzCodec).Assembly, null, out _));

    public override FileCodec Kind => FileCodec.Xz;

    public override void Require()
    {
        if (!IsThere.Value)
        {
            throw ProblemException.ForField(ProblemKind.Unprocessable, "compress", "library", $"xz needs the library {Library}, which is not on this machine; install liblzma, or use another compression.");
        }
    }

    public override int Compress(byte[] plain, int length, byte[] output, int limit)
    {
        // lzma_options_lzma: the dictionary's size comes first; the rest is as the preset sets it.
        byte* options = stackalloc byte[OptionsBytes];
        if (LzmaPreset(options, Preset) != 0)
        {
            throw new InvalidOperationException("liblzma does not know its preset.");
        }

        *(uint*)options = DictionaryBytes;
        var filters = stackalloc Filter[2];
        filters[0] = new Filter { Id = Lzma2, Options = options };
        filters[1] = new Filter { Id = NoMoreFilters };
        nuint position = 0;
        fixed (byte* source = plain, target = output)
        {
            return Encode(filters, CheckNone, 0, source, (nuint)length, target, &position, (nuint)limit) == 0 ? (int)position : 0;
        }
    }

    public override void Decompress(byte[] packed, int offset, int count, byte[] plain, int length)
    {
        ulong memory = MemoryLimit;
        nuint from = 0, to = 0;
        fixed (byte* source = packed, target = plain)
        {
            int result = Decode(&memory, 0, 0, source + offset, &from, (nuint)count, target, &to, (nuint)length);
            if (result != 0 || from != (nuint)count || to != (nuint)length)
            {
                throw Length(length);
            }
        }
    }

    [LibraryImport(Library, EntryPoint = "lzma_lzma_preset")]
    private static partial byte LzmaPreset(byte* options, uint preset);

    [LibraryImport(Library, EntryPoint = "lzma_stream_buffer_encode")]
    private static partial int Encode(Filter* filters, int check, nint allocator, byte* input, nuint inputSize, byte* output, nuint* outputPosition, nuint outputSize);

    [LibraryImport(Library, EntryPoint = "lzma_stream_buffer_decode")]
    private static partial int Decode(ulong* memoryLimit, uint flags, nint allocator, byte* input, nuint* inputPosition, nuint inputSize, byte* output, nuint* outputPosition, nuint outputSize);

    [StructLayout(LayoutKind.Sequential)]
    private struct Filter
    {
        public ulong Id;
        public void* Options;
    }
}
