using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// UTF-16 or Windows-1252 content as UTF-8. What is not a character in the source (half a surrogate pair, an odd last byte) becomes the byte
/// FF, which no UTF-8 text holds, so that the row it stands in is found faulty and not silently altered. Owns the inner stream.
/// </summary>
internal sealed class TranscodingStream(Stream inner, TextEncoding encoding) : ReadOnlyStream
{
    private const byte NotACharacter = 0xFF;
    private static readonly Encoding s_windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    private readonly byte[] _bytes = new byte[32 * 1024];
    private readonly char[] _chars = new char[32 * 1024];
    private int _byteCount;
    private int _charStart;
    private int _charEnd;
    private bool _ended;
    private bool _oddByte;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // One character may take three bytes, and a surrogate pair four: a smaller buffer could not be filled at all.
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, 4);
        while (true)
        {
            int written = Encode(buffer.Span);
            if (written > 0 || (_ended && _charStart == _charEnd)) return written;
            int read = await inner.ReadAsync(_bytes.AsMemory(_byteCount), cancellationToken);
            _ended = read == 0;
            Decode(_byteCount + read);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Turns the bytes at hand into characters behind those that are left (at most one, the first half of a pair).</summary>
    private void Decode(int available)
    {
        int left = _charEnd - _charStart;
        _chars.AsSpan(_charStart, left).CopyTo(_chars);
        _charStart = 0;
        Span<char> target = _chars.AsSpan(left);
        if (encoding == TextEncoding.Windows1252)
        {
            _charEnd = left + s_windows1252.GetChars(_bytes.AsSpan(0, available), target);
            _byteCount = 0;
            return;
        }

        ReadOnlySpan<ushort> units = MemoryMarshal.Cast<byte, ushort>(_bytes.AsSpan(0, available));
        units = units[..Math.Min(units.Length, target.Length)];
        Span<ushort> decoded = MemoryMarshal.Cast<char, ushort>(target);
        if (encoding == TextEncoding.Utf16BigEndian == BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(units, decoded);
        else units.CopyTo(decoded);
        _charEnd = left + units.Length;
        _byteCount = available - (units.Length * 2);
        _bytes.AsSpan(units.Length * 2, _byteCount).CopyTo(_bytes);
        _oddByte = _ended && _byteCount == 1;
    }

    private int Encode(Span<byte> target)
    {
        int written = 0;
        while (_charStart < _charEnd)
        {
            OperationStatus status = Utf8.FromUtf16(
                _chars.AsSpan(_charStart, _charEnd - _charStart), target[written..], out int read, out int wrote, false, _ended);
            _charStart += read;
            written += wrote;
            if (status != OperationStatus.InvalidData || written == target.Length) return written;
            target[written++] = NotACharacter;
            _charStart++;
        }

        if (_oddByte && written < target.Length)
        {
            target[written++] = NotACharacter;
            _oddByte = false;
            _byteCount = 0;
        }

        return written;
    }
}
