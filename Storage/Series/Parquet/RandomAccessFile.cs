using Microsoft.Win32.SafeHandles;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>A file, open for reading until it is disposed. Reads are made on the calling thread: most of them find the file in memory.</summary>
public sealed class RandomAccessFile : IRandomAccess
{
    private readonly SafeFileHandle _file;

    /// <exception cref="IOException">It is not there or cannot be opened.</exception>
    public RandomAccessFile(string path)
    {
        _file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        (Name, Length) = (path, RandomAccess.GetLength(_file));
    }

    public string Name { get; }

    public long Length { get; }

    public int MergeBytes => 256 << 10;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (int done = 0; done < buffer.Length;)
        {
            int read = RandomAccess.Read(_file, buffer.Span[done..], offset + done);
            done += read > 0 ? read : throw new EndOfStreamException($"{Name} ends at byte {offset + done}.");
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose() => _file.Dispose();
}
