using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Tests.Records.Bulk;

/// <summary>Bytes worked out by hand from Postgres's documentation of the format.</summary>
public class CopyBufferTests
{
    [Fact]
    public void A_file_is_a_signature_two_zero_words_the_rows_and_minus_one() =>
        Assert.Equal("5047434F50590AFF0D0A000000000000000000" + "0000" + "FFFF", Hex(b =>
        {
            b.Header();
            b.StartRow(0);
            b.End();
        }));

    [Fact]
    public void Each_field_is_its_length_and_its_bytes_in_network_order()
    {
        Assert.Equal("FFFFFFFF", Hex(b => b.Null()));
        Assert.Equal("0000000101", Hex(b => b.Boolean(true)));
        Assert.Equal("0000000100", Hex(b => b.Boolean(false)));
        Assert.Equal("00000004FFFFFFFE", Hex(b => b.Integer(-2)));
        Assert.Equal("000000087FFFFFFFFFFFFFFF", Hex(b => b.BigInt(long.MaxValue)));
        Assert.Equal("000000083FF8000000000000", Hex(b => b.DoublePrecision(1.5)));
        Assert.Equal("0000001000112233445566778899AABBCCDDEEFF", Hex(b => b.Uuid(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"))));
        Assert.Equal("0000000201FF", Hex(b => b.Bytea([1, 255])));
        Assert.Equal("0000000461C3BC0A", Hex(b => b.Text("aü\n")));
        Assert.Equal("00000003017B7D", Hex(b => b.Jsonb("{}")));
    }

    [Theory]
    [InlineData("2000-01-01T00:00:00.0000010Z", "0000000000000001")]
    [InlineData("1999-12-31T23:59:59.0000000Z", "FFFFFFFFFFF0BDC0")]
    public void An_instant_is_the_microseconds_since_2000(string instant, string bytes) =>
        Assert.Equal("00000008" + bytes, Hex(b => b.TimestampTz(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime)));

    [Fact]
    public void An_instant_that_is_not_UTC_is_refused() =>
        Assert.Throws<ArgumentException>(() => new CopyBuffer().TimestampTz(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Local)));

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Throws<System.Text.EncoderFallbackException>(() => new CopyBuffer().Text("a\ud800"));

    [Theory]
    [InlineData("0", "0000" + "0000" + "0000" + "0000")]
    [InlineData("0.00", "0000" + "0000" + "0000" + "0002")]
    [InlineData("1", "0001" + "0000" + "0000" + "0000" + "0001")]
    [InlineData("-10000", "0001" + "0001" + "4000" + "0000" + "0001")]
    [InlineData("12345.67", "0003" + "0001" + "0000" + "0002" + "0001" + "0929" + "1A2C")]
    [InlineData("0.00001", "0001" + "FFFE" + "0000" + "0005" + "03E8")]
    public void A_decimal_is_digits_of_base_10000(string value, string bytes)
    {
        var hex = Hex(b => b.Numeric(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal($"{bytes.Length / 2:X8}{bytes}", hex);
    }

    [Fact]
    public void The_buffer_grows_with_a_long_value_and_keeps_what_it_has()
    {
        var text = new string('x', 3_000_000);
        var hex = Hex(b =>
        {
            b.Integer(7);
            b.Text(text);
        });
        Assert.StartsWith("0000000400000007002DC6C07878", hex, StringComparison.Ordinal);
        Assert.Equal((8 + 4 + text.Length) * 2, hex.Length);
    }

    private static string Hex(Action<CopyBuffer> write)
    {
        var buffer = new CopyBuffer();
        write(buffer);
        return Convert.ToHexString(buffer.Written.Span);
    }
}
