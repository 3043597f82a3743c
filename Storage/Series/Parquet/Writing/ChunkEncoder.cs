using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>Encodes a column's part of a row group.</summary>
internal static class ChunkEncoder
{
    /// <param name="parts">The column's values in the row group, in any number of pieces, at least one.</param>
    public static EncodedChunk Encode(LeafColumn leaf, IReadOnlyList<Column> parts, int rows, ParquetWriteOptions options)
    {
        var type = leaf.Required;
        switch (type.Kind)
        {
            case ColumnKind.Double: return Numbers<double>(leaf, parts, rows, options);
            case ColumnKind.Float: return Numbers<float>(leaf, parts, rows, options);
            case ColumnKind.Int64 or ColumnKind.Timestamp: return Numbers<long>(leaf, parts, rows, options);
            case ColumnKind.Int32 or ColumnKind.Date: return Numbers<int>(leaf, parts, rows, options);
            case ColumnKind.Boolean: return Write(leaf, parts, rows, options, new BooleanTraits(), DenseValues<bool>.Of(parts));
            case ColumnKind.Decimal: return Decimals(leaf, type, parts, rows, options);
            default:
                var column = (TextColumn)(parts.Count == 1 ? parts[0] : ColumnConcat.Concat(parts, rows));
                return new TextChunkWriter(leaf, options, column).Write(column.NullCount == 0 ? Validity.All(rows) : column.Validity, rows);
        }
    }

    private static EncodedChunk Numbers<T>(LeafColumn leaf, IReadOnlyList<Column> parts, int rows, ParquetWriteOptions options)
        where T : unmanaged, System.Numerics.INumber<T>, System.Numerics.IMinMaxValue<T> =>
        Write(leaf, parts, rows, options, new NumberTraits<T>(), DenseValues<T>.Of(parts));

    private static EncodedChunk Decimals(LeafColumn leaf, ColumnType type, IReadOnlyList<Column> parts, int rows, ParquetWriteOptions options)
    {
        var limit = Int128.One;
        for (int i = 0; i < type.Precision; i++)
        {
            limit *= 10;
        }

        Int128 Checked(Int128 value) => value > -limit && value < limit ? value : throw new ArgumentException($"Column '{leaf.Path}' has a decimal of more digits than its type {type}.");
        return leaf.Physical switch
        {
            PhysicalType.Int32 => Write(leaf, parts, rows, options, new NumberTraits<int>(), DenseValues<int>.Of<Int128>(parts, v => (int)Checked(v))),
            PhysicalType.Int64 => Write(leaf, parts, rows, options, new NumberTraits<long>(), DenseValues<long>.Of<Int128>(parts, v => (long)Checked(v))),
            _ => Write(leaf, parts, rows, options, new DecimalTraits(leaf.Element.TypeLength), DenseValues<Int128>.Of<Int128>(parts, Checked)),
        };
    }

    private static EncodedChunk Write<T>(LeafColumn leaf, IReadOnlyList<Column> parts, int rows, ParquetWriteOptions options, ValueTraits<T> traits, DenseValues<T> values)
        where T : unmanaged
    {
        using var writer = new ValueChunkWriter<T>(leaf, options, traits, values);
        return writer.Write(DenseValues<T>.Rows(parts, rows), rows);
    }
}
