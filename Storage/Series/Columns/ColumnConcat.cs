namespace CloudStore.Storage.Series.Columns;

/// <summary>Puts columns of one type one after the other.</summary>
internal static class ColumnConcat
{
    public static Column Concat(IReadOnlyList<Column> parts, int length) => parts[0] switch
    {
        ValueColumn<double> => Values<double>(parts, length),
        ValueColumn<float> => Values<float>(parts, length),
        ValueColumn<long> => Values<long>(parts, length),
        ValueColumn<int> => Values<int>(parts, length),
        ValueColumn<bool> => Values<bool>(parts, length),
        ValueColumn<Int128> => Values<Int128>(parts, length),
        _ => Text([.. parts.Cast<TextColumn>()], length),
    };

    private static ValueColumn<T> Values<T>(IReadOnlyList<Column> parts, int length)
        where T : unmanaged
    {
        var values = GC.AllocateUninitializedArray<T>(length);
        int at = 0;
        foreach (var part in parts)
        {
            ((ValueColumn<T>)part).Values.CopyTo(values.AsSpan(at));
            at += part.Length;
        }

        return new(parts[0].Type, values, Bits(parts, length));
    }

    private static TextColumn Text(TextColumn[] parts, int length)
    {
        if (Array.TrueForAll(parts, p => p.Dictionary is not null))
        {
            return Indexed(parts, length);
        }

        long bytes = parts.Sum(Bytes);
        if (bytes > Array.MaxLength)
        {
            throw new InvalidOperationException("The values of a text column together exceed 2 GiB: take several batches.");
        }

        var (offsets, all) = (new int[length + 1], new byte[bytes]);
        int at = 0;
        foreach (var part in parts)
        {
            for (int i = 0; i < part.Length; i++, at++)
            {
                var value = part[i];
                value.CopyTo(all.AsSpan(offsets[at]));
                offsets[at + 1] = offsets[at] + value.Length;
            }
        }

        return new(parts[0].Type, offsets, all, Bits(parts, length));
    }

    // Dictionaries are put together; a value that two of them have is held once.
    private static TextColumn Indexed(TextColumn[] parts, int length)
    {
        var dictionary = new TextDictionary(parts[0].Type);
        var indices = new int[length];
        int at = 0;
        foreach (var part in parts)
        {
            var places = dictionary.AddAll(part.Dictionary!);
            var from = part.Indices;
            for (int i = 0; i < from.Length; i++)
            {
                indices[at + i] = part.IsNull(i) ? 0 : places[from[i]];
            }

            at += part.Length;
        }

        return new(indices, dictionary.Build(), Bits(parts, length));
    }

    private static long Bytes(TextColumn part)
    {
        long bytes = 0;
        for (int i = 0; i < part.Length; i++)
        {
            bytes += part[i].Length;
        }

        return bytes;
    }

    private static Validity Bits(IReadOnlyList<Column> parts, int length)
    {
        if (parts.All(p => p.Validity.IsAll))
        {
            return Validity.All(length);
        }

        var words = Validity.Words(length);
        int at = 0;
        foreach (var part in parts)
        {
            part.Validity.CopyTo(words, at);
            at += part.Length;
        }

        return new(words, 0, length);
    }
}
