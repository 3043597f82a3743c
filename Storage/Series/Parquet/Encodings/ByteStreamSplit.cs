namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>BYTE_STREAM_SPLIT: the first bytes of all values, then their second bytes, and so on.</summary>
internal static class ByteStreamSplit
{
    /// <param name="width">Bytes of a value.</param>
    /// <param name="target">The values' bytes: a multiple of the width.</param>
    /// <exception cref="ParquetException">There are more or fewer bytes.</exception>
    public static void Read(ReadOnlySpan<byte> data, int width, Span<byte> target)
    {
        if (data.Length != target.Length)
        {
            throw new ParquetException($"the page has {data.Length} bytes of split values where its header counts {target.Length / width} of {width}");
        }

        int count = target.Length / width;
        for (int stream = 0; stream < width; stream++)
        {
            var from = data.Slice(stream * count, count);
            for (int i = 0, to = stream; i < from.Length; i++, to += width)
            {
                target[to] = from[i];
            }
        }
    }

    public static void Write(ReadOnlySpan<byte> values, int width, ByteBuffer output)
    {
        var target = output.Room(values.Length);
        int count = values.Length / width;
        for (int stream = 0; stream < width; stream++)
        {
            var to = target.Slice(stream * count, count);
            for (int i = 0, from = stream; i < to.Length; i++, from += width)
            {
                to[i] = values[from];
            }
        }

        output.Advance(values.Length);
    }
}
