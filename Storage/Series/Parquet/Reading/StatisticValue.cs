using System.Buffers.Binary;
using System.Text;
using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Encodings;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Least and greatest values as statistics store them: one value, plain and without a length. Text is compared as its bytes.</summary>
internal static class StatisticValue
{
    /// <returns>The value; of text its bytes; null where nothing can be told from it.</returns>
    public static object? Of(LeafColumn leaf, byte[]? bytes)
    {
        if (bytes is null || leaf.Type is not { } type)
        {
            return null;
        }

        return (leaf.Physical, type.Kind, bytes.Length) switch
        {
            (PhysicalType.Boolean, _, 1) => bytes[0] != 0,
            (PhysicalType.Int32, ColumnKind.Int32 or ColumnKind.Date, 4) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            (PhysicalType.Int32, ColumnKind.Int64, 4) => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            (PhysicalType.Int32, ColumnKind.Decimal, 4) => (Int128)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            (PhysicalType.Int64, ColumnKind.Int64 or ColumnKind.Timestamp, 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            (PhysicalType.Int64, ColumnKind.Decimal, 8) => IsUnsigned(leaf) ? (Int128)BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes),
            (PhysicalType.Float, _, 4) => BinaryPrimitives.ReadSingleLittleEndian(bytes) is var value && !float.IsNaN(value) ? value : null,
            (PhysicalType.Double, _, 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes) is var value && !double.IsNaN(value) ? value : null,
            (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, ColumnKind.Decimal, <= 16) => Numbers.Decimal(bytes),
            (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, ColumnKind.String or ColumnKind.Binary, _) => bytes,
            // INT96 and half floats have an order that writers did not agree on.
            _ => null,
        };
    }

    /// <summary>A chunk's bounds, of which text is still bytes.</summary>
    /// <param name="isOrdered">The file says that its statistics have the order of the type.</param>
    public static ColumnBounds Bounds(LeafColumn leaf, Statistics? statistics, bool isOrdered)
    {
        if (statistics is null)
        {
            return new(null, null, false, false, null);
        }

        // The old fields were compared as signed numbers, and so were bytes. The new ones mean nothing for bytes where no order is named.
        bool isNumber = leaf.Physical is PhysicalType.Boolean or PhysicalType.Float or PhysicalType.Double || (leaf.Physical is PhysicalType.Int32 or PhysicalType.Int64 && !IsUnsigned(leaf));
        var (min, max) = isNumber || isOrdered ? (statistics.Min, statistics.Max) : (null, null);
        if (min is null && max is null && isNumber)
        {
            (min, max) = (statistics.OldMin, statistics.OldMax);
        }

        return new(Of(leaf, min), Of(leaf, max), statistics.IsMinExact ?? isNumber, statistics.IsMaxExact ?? isNumber, statistics.NullCount);
    }

    /// <summary>The bounds with text as text.</summary>
    public static ColumnBounds ForCallers(LeafColumn leaf, ColumnBounds bounds) =>
        leaf.Type?.Kind != ColumnKind.String ? bounds : bounds with { Min = Text(bounds.Min), Max = Text(bounds.Max) };

    /// <summary>A limit that a caller gives, as it is compared here.</summary>
    /// <exception cref="ArgumentException">It is not of the column's type.</exception>
    public static object? Limit(string column, ColumnType type, object? value)
    {
        if (value is null || value.GetType() == type.ClrType)
        {
            return value is string text ? Encoding.UTF8.GetBytes(text) : value;
        }

        throw new ArgumentException($"The range of column '{column}' is of {value.GetType().Name}; values of type {type} are {type.ClrType.Name}.");
    }

    public static int Compare(object left, object right) =>
        left is byte[] bytes ? bytes.AsSpan().SequenceCompareTo((byte[])right) : ((IComparable)left).CompareTo(right);

    /// <summary>The same of values as callers have them: text by its bytes in UTF-8, as the format orders it.</summary>
    public static int CompareForCallers(object left, object right) =>
        left is string text ? Compare(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes((string)right)) : Compare(left, right);

    private static bool IsUnsigned(LeafColumn leaf) =>
        leaf.Element.Logical is { Kind: LogicalKind.Integer, IsSigned: false } || leaf.Element.Converted is >= ConvertedType.UInt8 and <= ConvertedType.UInt64;

    private static string? Text(object? value) => value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
}
