using CloudStore.Storage.Series.Parquet;

namespace CloudStore.Storage.Tests.Series.Parquet;

/// <summary>Bytes in memory that know how much of them was read.</summary>
internal sealed class CountingBytes(byte[] bytes) : IRandomAccess
{
    private long _read;

    public long BytesRead => Interlocked.Read(ref _read);

    public string Name => "counted";

    public long Length => bytes.Length;

    public int MergeBytes => 1;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bytes.AsMemory((int)offset, buffer.Length).CopyTo(buffer);
        Interlocked.Add(ref _read, buffer.Length);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
    }
}
