using System.Text;

namespace CloudStore.Storage.Series.Columns;

/// <summary>Makes a <see cref="TextColumn"/> of values that come one by one. For one thread.</summary>
public sealed class TextColumnBuilder(ColumnType type)
{
    private byte[] _bytes = [];
    private int[] _offsets = [0];
    private ulong[]? _words;
    private int _count;

    public int Count => _count;

    /// <exception cref="InvalidOperationException">The values together exceed 2 GiB, which a column cannot hold.</exception>
    public void Add(ReadOnlySpan<byte> value)
    {
        Require(value.Length);
        value.CopyTo(_bytes.AsSpan(_offsets[_count]));
        Next(value.Length, there: true);
    }

    public void Add(ReadOnlySpan<char> value)
    {
        Require(Encoding.UTF8.GetByteCount(value));
        Next(Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_offsets[_count])), there: true);
    }

    public void AddNull()
    {
        Require(0);
        _words ??= AllSet(_count);
        Next(0, there: false);
    }

    /// <summary>The column. The builder is not used afterwards.</summary>
    public TextColumn Build() => new(type, _offsets.AsMemory(0, _count + 1), _bytes.AsMemory(0, _offsets[_count]), new Validity(_words, 0, _count));

    internal static TextColumn Build(ColumnType type, IEnumerable<byte[]?> values)
    {
        var builder = new TextColumnBuilder(type);
        foreach (var value in values)
        {
            if (value is null)
            {
                builder.AddNull();
            }
            else
            {
                builder.Add(value);
            }
        }

        return builder.Build();
    }

    private void Next(int length, bool there)
    {
        if (_words is not null)
        {
            if (_count >> 6 >= _words.Length)
            {
                Array.Resize(ref _words, Math.Max(4, _words.Length * 2));
            }

            _words[_count >> 6] |= (there ? 1UL : 0) << (_count & 63);
        }

        _offsets[_count + 1] = _offsets[_count] + length;
        _count++;
    }

    private void Require(int length)
    {
        long needed = (long)_offsets[_count] + length;
        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException("The values of a text column together exceed 2 GiB: make several batches.");
        }

        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(256, Math.Max(needed, 2L * _bytes.Length))));
        }

        if (_count + 2 > _offsets.Length)
        {
            Array.Resize(ref _offsets, Math.Max(16, _offsets.Length * 2));
        }
    }

    private static ulong[] AllSet(int count)
    {
        var words = Validity.Words(count + 64);
        Validity.All(count).CopyTo(words, 0);
        return words;
    }
}
