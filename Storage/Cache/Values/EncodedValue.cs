namespace CloudStore.Storage.Cache.Values;

/// <summary>A value, encoded: as memory keeps it and, compressed where that pays, as the shared layers do.</summary>
/// <param name="Format">Of <see cref="Payload"/>.</param>
/// <param name="Payload">Not compressed.</param>
internal readonly record struct EncodedValue(byte Format, byte[] Payload)
{
    public static EncodedValue Of<T>(ValueCodec<T> codec, T value, int most)
    {
        using var writer = new PooledWriter(most);
        byte format = codec.Encode(value, writer);
        return new EncodedValue(format, writer.Written.ToArray());
    }

    /// <summary>The same as the shared layers keep it.</summary>
    /// <param name="compressFrom">Bytes from which on it is compressed; 0: never.</param>
    public static (byte Format, ReadOnlyMemory<byte> Payload) ForShared(byte format, ReadOnlyMemory<byte> payload, int compressFrom) =>
        compressFrom > 0 && payload.Length >= compressFrom && format != ValueFormat.Counter && Compression.TryCompress(payload.Span) is { } compressed
            ? ((byte)(format | ValueFormat.Brotli), compressed) : (format, payload);

    /// <returns>False for a payload that was not written by this.</returns>
    public static bool TryOpen(byte format, ReadOnlyMemory<byte> payload, int most, out ReadOnlyMemory<byte> opened)
    {
        opened = payload;
        if ((format & ValueFormat.Brotli) == 0)
        {
            return payload.Length <= most;
        }

        bool whole = Compression.TryDecompress(payload.Span, most, out byte[] plain);
        opened = plain;
        return whole;
    }
}
