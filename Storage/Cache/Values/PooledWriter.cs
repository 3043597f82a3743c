using System.Buffers;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Cache.Values;

/// <summary>A buffer that values are encoded into, from the shared pool. It goes back when disposed, so what was written must be copied before.</summary>
/// <param name="most">The most bytes that may be written.</param>
internal sealed class PooledWriter(int most) : IBufferWriter<byte>, IDisposable
{
    private const int Smallest = 1_024;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Smallest);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <exception cref="ProblemException">Of kind invalid: more than the limit was written.</exception>
    public void Advance(int count)
    {
        Length += count;
        if (Length > most)
        {
            throw TooLarge(most);
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(Length);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    public static ProblemException TooLarge(int most) =>
        ProblemException.ForField(ProblemKind.Invalid, "value", "most-bytes", $"value must not be longer than {most} bytes (Cache:LargestValueBytes).");

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(1, sizeHint);
        if (_buffer.Length - Length >= needed)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max((long)_buffer.Length * 2, (long)Length + needed)));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
