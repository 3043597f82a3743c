namespace CloudStore.Storage.Series.Parquet;

/// <summary>
/// What may be taken into memory for a read: a file that is damaged or means harm shall not have room made for what it only claims. A read takes from it before it makes anything whose size
/// the file names. Safe for any number of threads.
/// </summary>
internal sealed class MemoryBudget
{
    // A run of one value is a few bytes, however long. Even so no honest file is known to come near this.
    private const int MostForOneByte = 4096;
    private const long Least = 64 << 20;
    private readonly long _bytes;
    private long _left;

    public MemoryBudget(long bytes) => _left = _bytes = bytes;

    /// <param name="limit">The reader's own limit; null for what the file's length justifies.</param>
    public static MemoryBudget For(long fileLength, long? limit) => new(limit ?? Math.Max(Least, fileLength > long.MaxValue / MostForOneByte ? long.MaxValue : fileLength * MostForOneByte));

    /// <exception cref="ParquetException">It is more than what is left.</exception>
    public void Take(long count)
    {
        if (count > Interlocked.Read(ref _left) || Interlocked.Add(ref _left, -count) < 0)
        {
            throw new ParquetException($"it asks for {count} bytes of memory, more than is left of the {_bytes} that this read may take (see MaxBytes)");
        }
    }

    public void GiveBack(long count) => Interlocked.Add(ref _left, count);
}
