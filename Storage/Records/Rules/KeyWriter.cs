using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CloudStore.Storage.Records.Rules;

/// <summary>Writes a natural key into the caller's buffer; a key of usual length allocates nothing but itself.</summary>
internal ref struct KeyWriter(Span<char> buffer)
{
    public const int Initial = 512;
    public const int Longest = 400;
    private const int Kept = 300;
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\|");
    private Span<char> _buffer = buffer;
    private int _length;

    public void Separate() => Add('|');

    /// <summary>Appends a part, behind a separator where it is not the first; nothing where it is empty.</summary>
    public void AppendGiven(string? part)
    {
        if (!string.IsNullOrEmpty(part))
        {
            SeparateFromPrevious();
            Append(part);
        }
    }

    /// <summary>As 2024-01-31 where it is a midnight, else as 2024-01-31T10:00:00Z, with a fraction where there is one.</summary>
    public void AppendGiven(DateTime utc)
    {
        SeparateFromPrevious();
        Reserve(32);
        var format = utc.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";
        utc.TryFormat(_buffer[_length..], out int written, format, CultureInfo.InvariantCulture);
        _length += written;
    }

    public void Append(ReadOnlySpan<char> part)
    {
        for (int at = part.IndexOfAny(Escaped); at >= 0; at = part.IndexOfAny(Escaped))
        {
            AddPlain(part[..at]);
            Add('\\');
            Add(part[at]);
            part = part[(at + 1)..];
        }

        AddPlain(part);
    }

    public readonly string ToKey()
    {
        if (_length <= Longest)
        {
            return new string(_buffer[.._length]);
        }

        // Half of a surrogate pair is not text that a database takes.
        int kept = char.IsHighSurrogate(_buffer[Kept - 1]) ? Kept - 1 : Kept;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(new string(_buffer[.._length])));
        return string.Concat(_buffer[..kept], "#", Convert.ToHexStringLower(hash));
    }

    private void SeparateFromPrevious()
    {
        if (_length > 0)
        {
            Separate();
        }
    }

    private void AddPlain(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_buffer[_length..]);
        _length += text.Length;
    }

    private void Add(char c)
    {
        Reserve(1);
        _buffer[_length++] = c;
    }

    private void Reserve(int more)
    {
        if (_length + more > _buffer.Length)
        {
            var larger = new char[Math.Max(_buffer.Length * 2, _length + more)];
            _buffer[.._length].CopyTo(larger);
            _buffer = larger;
        }
    }
}
