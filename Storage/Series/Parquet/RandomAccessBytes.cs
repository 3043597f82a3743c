namespace CloudStore.Storage.Series.Parquet;

/// <summary>Bytes in memory.</summary>
/// <param name="name">What messages call them.</param>
public sealed class RandomAccessBytes(ReadOnlyMemory<byte> bytes, string name = "memory") : IRandomAccess
{
    public string Name => name;

    public long Length => bytes.Length;

    public int MergeBytes => 256 << 10;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (offset < 0 || offset > bytes.Length - buffer.Length)
        {
            throw new EndOfStreamException($"{name} has {bytes.Length} bytes.");
        }

        bytes.Slice((int)offset, buffer.Length).CopyTo(buffer);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
    }
}
