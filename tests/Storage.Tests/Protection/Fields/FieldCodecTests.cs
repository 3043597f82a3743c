using CloudStore.Storage.Protection.Fields;

namespace CloudStore.Storage.Tests.Protection.Fields;

public sealed class FieldCodecTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("0.00")]
    [InlineData("-0.5")]
    [InlineData("199.90")]
    [InlineData("18446744073709551615")]
    [InlineData("18446744073709551616")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001")]
    public void A_decimal_comes_back_with_its_sign_and_scale(string text)
    {
        var value = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(decimal.GetBits(value), decimal.GetBits(Through(w => w.Write(value), r => r.Decimal())));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(255)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_whole_number_comes_back(long value) => Assert.Equal(value, Through(w => w.Write(value), r => r.Int64()));

    [Fact]
    public void Values_of_other_kinds_come_back()
    {
        var instant = new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(7);
        Assert.Equal((instant, DateTimeKind.Utc), (Through(w => w.Write(instant), r => r.DateTime()), Through(w => w.Write(instant), r => r.DateTime()).Kind));
        Assert.Equal("Käse €\0", Through(w => w.Write("Käse €\0"), r => r.String()));
        Assert.Equal("", Through(w => w.Write(""), r => r.String()));
        Assert.Equal(-0.1, Through(w => w.Write(-0.1), r => r.Double()));
        Assert.Equal([1, 2, 3], Through(w => w.Write([1, 2, 3]), r => r.Binary()));
        Assert.True(Through(w => w.Write(true), r => r.Boolean()));
        Assert.False(Through(w => w.Write(false), r => r.NullableBoolean()));
        Assert.Null(Through(w => w.Null(), r => r.NullableDecimal()));
        var id = Guid.CreateVersion7();
        Assert.Equal(id, Through(w => w.Write(id), r => r.Guid()));
    }

    [Fact]
    public void Values_fill_blocks_of_16_bytes_so_that_lengths_tell_little()
    {
        foreach (var (price, length) in ((decimal, int)[])[(1m, 16), (99_999.99m, 16), (decimal.MaxValue, 16), (0.01m, 16)])
        {
            var writer = new FieldWriter();
            writer.Start(1);
            writer.Write(price);
            Assert.Equal(length, writer.Finish().Length);
        }
    }

    [Fact]
    public void Cut_or_garbled_values_are_a_format_error_and_never_read_beyond_their_end()
    {
        var writer = new FieldWriter();
        writer.Start(3);
        writer.Write(123.45m);
        writer.Write("abc");
        writer.Write(long.MinValue);
        var whole = writer.Finish().ToArray();
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            var bytes = whole[..random.Next(1, whole.Length + 1)];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var reader = new FieldReader();
            bytes.CopyTo(reader.Room(bytes.Length));
            try
            {
                reader.Start(3);
                reader.NullableDecimal();
                reader.String();
                reader.NullableInt64();
            }
            catch (FormatException)
            {
                // Said so.
            }
        }
    }

    private static T Through<T>(Action<FieldWriter> write, Func<FieldReader, T> read)
    {
        var writer = new FieldWriter();
        writer.Start(1);
        write(writer);
        var bytes = writer.Finish();
        var reader = new FieldReader();
        bytes.CopyTo(reader.Room(bytes.Length));
        reader.Start(1);
        return read(reader);
    }
}
