using System.Buffers;

namespace CloudStore.Storage.Exports.Writing;

/// <summary>Bytes on their way to a file. It grows to what was written between two calls of <see cref="Clear"/> and is used again.</summary>
internal sealed class Utf8Buffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[1 << 17];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>What was written from there on.</summary>
    public Span<byte> From(int start) => _bytes.AsSpan(start, Length - start);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    public void Add(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Takes back what was written from there on.</summary>
    public void Cut(int start) => Length = start;

    private void Reserve(int more)
    {
        more = Math.Max(more, 64);
        if (Length + more > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + more));
        }
    }
}
