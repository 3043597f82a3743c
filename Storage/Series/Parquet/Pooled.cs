using System.Buffers;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>An array of the shared pool for as long as it is needed. What is in it at first is anything.</summary>
internal readonly struct Pooled<T>(int length) : IDisposable
    where T : unmanaged
{
    private readonly T[] _array = ArrayPool<T>.Shared.Rent(length);

    public T[] Array => _array;

    public Span<T> Span => _array.AsSpan(0, length);

    public void Dispose() => ArrayPool<T>.Shared.Return(_array);
}
