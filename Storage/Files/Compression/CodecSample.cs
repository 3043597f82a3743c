namespace CloudStore.Storage.Files.Compression;

/// <summary>Chooses a codec by compressing samples of content's first frame: three slices of 32 KiB from its beginning, middle and end.</summary>
public static class CodecSample
{
    private const int SliceBytes = 32 << 10;

    /// <summary>Content below this is not worth an index lookup and a decompressor.</summary>
    private const int SmallestBytes = 512;

    /// <summary>The codec that was asked for, or the one that saves the sample most and at least a tenth of it.</summary>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">The codec's library is not here.</exception>
    public static FrameCodec Choose(Compress wanted, byte[] frame, int length)
    {
        if (wanted != Compress.Auto)
        {
            return FrameCodec.Of((FileCodec)(wanted - Compress.None));
        }

        if (length < SmallestBytes)
        {
            return FrameCodec.Of(FileCodec.None);
        }

        var sample = Sample(frame, length);
        var output = new byte[sample.Length];
        int limit = sample.Length - sample.Length / 10;
        var (best, smallest) = (FileCodec.None, limit);
        foreach (var kind in (FileCodec[])[FileCodec.Zlib, FileCodec.Brotli])
        {
            if (FrameCodec.Of(kind).Compress(sample, sample.Length, output, limit) is > 0 and var size && size < smallest)
            {
                (best, smallest) = (kind, size);
            }
        }

        return FrameCodec.Of(best);
    }

    private static byte[] Sample(byte[] frame, int length)
    {
        if (length <= 3 * SliceBytes)
        {
            return frame.AsSpan(0, length).ToArray();
        }

        var sample = new byte[3 * SliceBytes];
        frame.AsSpan(0, SliceBytes).CopyTo(sample);
        frame.AsSpan((length - SliceBytes) / 2, SliceBytes).CopyTo(sample.AsSpan(SliceBytes));
        frame.AsSpan(length - SliceBytes, SliceBytes).CopyTo(sample.AsSpan(2 * SliceBytes));
        return sample;
    }
}
