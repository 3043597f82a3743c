using System.Text;

namespace CloudStore.Storage.Series.Columns;

/// <summary>
/// A column of text in UTF-8, or of bytes. It holds either the bytes of all values one after the other and where each begins, or, of values that repeat, an index into a
/// dictionary for each. What is missing is empty, or has index 0.
/// </summary>
public sealed class TextColumn : Column
{
    private readonly ReadOnlyMemory<int> _offsets;
    private readonly ReadOnlyMemory<int> _indices;

    /// <param name="offsets">Where each value begins in <paramref name="bytes"/>, and where the last one ends; ascending. Not copied, as little as the bytes.</param>
    /// <exception cref="ArgumentException">The type is not of text, or the offsets do not lie in the bytes.</exception>
    public TextColumn(ColumnType type, ReadOnlyMemory<int> offsets, ReadOnlyMemory<byte> bytes, Validity validity)
        : base(type, offsets.Length - 1, validity)
    {
        RequireText(type);
        if (offsets.Span[0] < 0 || offsets.Span[^1] > bytes.Length || offsets.Span[0] > offsets.Span[^1])
        {
            throw new ArgumentException("The offsets do not lie in the bytes.", nameof(offsets));
        }

        (_offsets, Bytes) = (offsets, bytes);
    }

    /// <param name="indices">Of each value, below the dictionary's length.</param>
    /// <param name="dictionary">A column without a dictionary of its own in which nothing is missing.</param>
    /// <exception cref="ArgumentException">The dictionary has a dictionary or missing values, or holds another type.</exception>
    public TextColumn(ReadOnlyMemory<int> indices, TextColumn dictionary, Validity validity)
        : base(dictionary.Type, indices.Length, validity)
    {
        if (dictionary.Dictionary is not null || !dictionary.Validity.IsAll)
        {
            throw new ArgumentException("A dictionary has no dictionary of its own, and nothing is missing in it.", nameof(dictionary));
        }

        (_indices, Dictionary) = (indices, dictionary);
    }

    /// <summary>The distinct values; null where the values are held one by one.</summary>
    public TextColumn? Dictionary { get; }

    /// <summary>With a dictionary: the position in it of each value.</summary>
    public ReadOnlySpan<int> Indices => _indices.Span;

    /// <summary>Without a dictionary: where each value begins in <see cref="Bytes"/>, and where the last one ends.</summary>
    public ReadOnlySpan<int> Offsets => _offsets.Span;

    /// <summary>Without a dictionary: the bytes of all values, and of a part's neighbours.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The bytes of a value; none where it is missing.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            if (Dictionary is not null)
            {
                return IsNull(index) ? default : Dictionary[_indices.Span[index]];
            }

            var offsets = _offsets.Span;
            return Bytes.Span[offsets[index]..offsets[index + 1]];
        }
    }

    public static TextColumn Of(params IEnumerable<string?> values) => TextColumnBuilder.Build(ColumnType.String, values.Select(v => v is null ? null : Encoding.UTF8.GetBytes(v)));

    public static TextColumn OfBytes(params IEnumerable<byte[]?> values) => TextColumnBuilder.Build(ColumnType.Binary, values);

    /// <summary>A value as text; null where it is missing.</summary>
    public string? Text(int index) => IsNull(index) ? null : Encoding.UTF8.GetString(this[index]);

    public override TextColumn Slice(int start, int length)
    {
        RequirePart(start, length);
        return start == 0 && length == Length ? this
            : Dictionary is null ? new(Type, _offsets.Slice(start, length + 1), Bytes, Validity.Slice(start, length))
            : new(_indices.Slice(start, length), Dictionary, Validity.Slice(start, length));
    }

    public override object? ValueAt(int index) => IsNull(index) ? null : Type.Kind == ColumnKind.String ? Text(index) : this[index].ToArray();

    private static void RequireText(ColumnType type)
    {
        if (!type.IsText)
        {
            throw new ArgumentException($"Values of type {type} are not text.", nameof(type));
        }
    }
}
