namespace CloudStore.Storage.Series.Parquet;

/// <summary>Bytes of which any part can be read: a file, an array, a blob. They do not change while they are read. Safe for any number of threads.</summary>
public interface IRandomAccess : IDisposable
{
    /// <summary>What messages call it.</summary>
    string Name { get; }

    long Length { get; }

    /// <summary>Up to how many bytes it is better to read at once than in parts, with what lies between: large where each read is a request.</summary>
    int MergeBytes { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/> on.</summary>
    /// <exception cref="EndOfStreamException">There are fewer bytes.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default);
}
