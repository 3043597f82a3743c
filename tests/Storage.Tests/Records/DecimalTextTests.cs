using System.Globalization;
using System.Text;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Tests.Records;

public sealed class DecimalTextTests
{
    [Theory]
    [InlineData("0", "0", "0.0")]
    [InlineData("0.000", "0", "0.0")]
    [InlineData("-0.0", "0", "0.0")]
    [InlineData("12", "12", "12.0")]
    [InlineData("12.50", "12.5", "12.5")]
    [InlineData("-12.05", "-12.05", "-12.05")]
    [InlineData("1000", "1000", "1000.0")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("-0.0000000000000000000000000010", "-0.000000000000000000000000001", "-0.000000000000000000000000001")]
    [InlineData("18446744073709551615", "18446744073709551615", "18446744073709551615.0")]
    [InlineData("18446744073709551616", "18446744073709551616", "18446744073709551616.0")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335", "79228162514264337593543950335.0")]
    [InlineData("-7.9228162514264337593543950000", "-7.922816251426433759354395", "-7.922816251426433759354395")]
    public void Zeros_at_the_end_are_left_out(string value, string shortest, string withDecimal)
    {
        var number = decimal.Parse(value, CultureInfo.InvariantCulture);
        Assert.Equal(shortest, Format(number, 0));
        Assert.Equal(withDecimal, Format(number, 1));
    }

    [Fact]
    public void It_is_what_the_framework_writes_for_the_same_form()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            var number = new decimal(random.Next(), random.Next(4) == 0 ? random.Next() : 0, random.Next(8) == 0 ? random.Next() : 0, random.Next(2) == 0, (byte)random.Next(29));
            Assert.Equal(number.ToString("0.############################", CultureInfo.InvariantCulture), Format(number, 0));
            Assert.Equal(number.ToString("0.0###########################", CultureInfo.InvariantCulture), Format(number, 1));
        }
    }

    private static string Format(decimal value, int decimals)
    {
        Span<byte> text = stackalloc byte[DecimalText.MostBytes];
        return Encoding.UTF8.GetString(text[..DecimalText.Format(value, text, decimals)]);
    }
}
