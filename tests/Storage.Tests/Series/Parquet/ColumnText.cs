using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Tests.Series.Parquet;

/// <summary>A batch as lines of text that any program can make alike: numbers in decimal, floating-point numbers as the bits of a double, text and bytes in hexadecimal, times as microseconds.</summary>
internal static class ColumnText
{
    public static string Line(ColumnBatch batch, int row) => string.Join('|', batch.Columns.Select(c => Value(c, row))) + "\n";

    /// <summary>The first half of the SHA-256 of all lines.</summary>
    public static string Hash(ColumnBatch batch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < batch.RowCount; i++)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Line(batch, i)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static string Value(Column column, int row) => column.ValueAt(row) switch
    {
        null => "null",
        bool value => value ? "true" : "false",
        double value => Bits(value),
        float value => Bits(value),
        string value => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(value)),
        long value when column.Type is { Kind: ColumnKind.Timestamp, Unit: TimeUnit.Milliseconds } => (value * 1000).ToString(CultureInfo.InvariantCulture),
        byte[] value => Convert.ToHexStringLower(value),
        var value => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };

    private static string Bits(double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        // Of the many NaNs one.
        BinaryPrimitives.WriteDoubleBigEndian(bytes, double.IsNaN(value) ? BitConverter.Int64BitsToDouble(0x7FF8000000000000) : value);
        return Convert.ToHexStringLower(bytes);
    }
}
