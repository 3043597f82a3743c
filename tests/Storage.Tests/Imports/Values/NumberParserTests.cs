using System.Globalization;
using System.Text;
using CloudStore.Storage.Imports.Values;

namespace CloudStore.Storage.Tests.Imports.Values;

public class NumberParserTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("+17", "17")]
    [InlineData("1.429999948", "1.429999948")]
    [InlineData("-80995", "-80995")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("999999999999999999", "999999999999999999")]
    [InlineData("9999999999999999999", "9999999999999999999")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("0.1234567890123456789", "0.1234567890123456789")]
    [InlineData(" 42 ", "42")]
    [InlineData("\u00A042\u00A0", "42")]
    [InlineData("1e3", "1000")]
    [InlineData("1.5E+3", "1500")]
    [InlineData("2.5e-3", "0.0025")]
    [InlineData("$1,234.50", "1234.50")]
    [InlineData("-$5.25", "-5.25")]
    [InlineData("$-5.25", "-5.25")]
    [InlineData("US$ 5", "5")]
    [InlineData("€ 5,5", "5.5")]
    [InlineData("5,50 €", "5.50")]
    [InlineData("£7", "7")]
    [InlineData("¥1,234,567", "1234567")]
    [InlineData("₹12,34,567.89", "1234567.89")]
    [InlineData("Rs. 12,34,567", "1234567")]
    [InlineData("Rs.500", "500")]
    [InlineData("USD 1,234.5", "1234.5")]
    [InlineData("1.234,5 eur", "1234.5")]
    [InlineData("1.234.567", "1234567")]
    [InlineData("1'234'567.5", "1234567.5")]
    [InlineData("1’234.5", "1234.5")]
    [InlineData("1 234 567,5", "1234567.5")]
    [InlineData("1\u00A0234,567", "1234.567")]
    [InlineData("1\u202F234", "1234")]
    [InlineData("0,123", "0.123")]
    [InlineData("1234,567", "1234.567")]
    [InlineData("1,23", "1.23")]
    [InlineData("(1,234.56)", "-1234.56")]
    [InlineData("($5)", "-5")]
    [InlineData("$(5)", "-5")]
    [InlineData("123-", "-123")]
    [InlineData("\u2212 7", "-7")]
    public void Numbers_are_read_as_people_write_them(string text, string expected)
    {
        Assert.True(NumberParser.TryParse(Encoding.UTF8.GetBytes(text), DecimalMark.Unknown, out decimal value, out NumberFault fault), fault.ToString());
        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), value);
        Assert.Equal(NumberFault.None, fault);
    }

    [Theory]
    [InlineData("1,234", DecimalMark.Dot, "1234")]
    [InlineData("1,234", DecimalMark.Comma, "1.234")]
    [InlineData("1.234", DecimalMark.Dot, "1.234")]
    [InlineData("1.234", DecimalMark.Comma, "1234")]
    [InlineData("1.234,5", DecimalMark.Comma, "1234.5")]
    public void The_columns_mark_decides(string text, DecimalMark mark, string expected)
    {
        Assert.True(NumberParser.TryParse(Encoding.UTF8.GetBytes(text), mark, out decimal value, out _));
        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData("", NumberFault.Empty)]
    [InlineData("   ", NumberFault.Empty)]
    [InlineData("NaN", NumberFault.NotFinite)]
    [InlineData("-Infinity", NumberFault.NotFinite)]
    [InlineData("inf", NumberFault.NotFinite)]
    [InlineData("1e400", NumberFault.OutOfRange)]
    [InlineData("79228162514264337593543950336", NumberFault.OutOfRange)]
    [InlineData("1e99999999999999999999", NumberFault.OutOfRange)]
    [InlineData("abc", NumberFault.NotANumber)]
    [InlineData("12abc", NumberFault.NotANumber)]
    [InlineData("-", NumberFault.NotANumber)]
    [InlineData(".", NumberFault.NotANumber)]
    [InlineData("$", NumberFault.NotANumber)]
    [InlineData("--5", NumberFault.NotANumber)]
    [InlineData("-5-", NumberFault.NotANumber)]
    [InlineData("(5", NumberFault.NotANumber)]
    [InlineData("1e", NumberFault.NotANumber)]
    [InlineData("e5", NumberFault.NotANumber)]
    [InlineData("1-2", NumberFault.NotANumber)]
    [InlineData("0x10", NumberFault.NotANumber)]
    [InlineData("#N/A", NumberFault.NotANumber)]
    [InlineData("$5 USD EUR", NumberFault.NotANumber)]
    [InlineData("1,2,3", NumberFault.Grouping)]
    [InlineData("1,23,4567", NumberFault.Grouping)]
    [InlineData("1.2.3", NumberFault.Grouping)]
    [InlineData("1,234.567.8", NumberFault.Grouping)]
    [InlineData("1.234,567,890.5", NumberFault.Grouping)]
    [InlineData("1,234", NumberFault.Ambiguous)]
    [InlineData("$12,345", NumberFault.Ambiguous)]
    [InlineData("-123,456", NumberFault.Ambiguous)]
    public void What_is_no_number_is_refused_with_a_reason(string text, NumberFault expected)
    {
        Assert.False(NumberParser.TryParse(Encoding.UTF8.GetBytes(text), DecimalMark.Unknown, out _, out NumberFault fault));
        Assert.Equal(expected, fault);
        Assert.NotEqual(NumberFaults.Reason(NumberFault.None), NumberFaults.Reason(fault));
    }

    [Theory]
    [InlineData("1,5", DecimalMark.Dot)]
    [InlineData("1.5", DecimalMark.Comma)]
    [InlineData("1.234,5", DecimalMark.Dot)]
    [InlineData("0,123", DecimalMark.Dot)]
    public void A_mark_against_the_columns_is_refused(string text, DecimalMark mark)
    {
        Assert.False(NumberParser.TryParse(Encoding.UTF8.GetBytes(text), mark, out _, out NumberFault fault));
        Assert.Equal(NumberFault.Grouping, fault);
    }

    [Fact]
    public void A_single_dot_before_three_digits_is_ambiguous_where_commas_part_fractions()
    {
        Assert.False(NumberParser.TryParse("1.234"u8, DecimalMark.Unknown, true, out _, out _, out NumberFault fault));
        Assert.Equal(NumberFault.Ambiguous, fault);
        Assert.True(NumberParser.TryParse("1.23"u8, DecimalMark.Unknown, true, out decimal value, out _, out _));
        Assert.Equal(1.23m, value);
    }

    [Theory]
    [InlineData("12.5%", 12.5, true)]
    [InlineData("12,5 %", 12.5, true)]
    [InlineData("(3%)", -3, true)]
    [InlineData("12.5", 12.5, false)]
    public void A_percent_sign_is_reported_and_the_number_left_as_written(string text, double expected, bool percent)
    {
        Assert.True(NumberParser.TryParse(Encoding.UTF8.GetBytes(text), DecimalMark.Unknown, false, out decimal value, out bool found, out _));
        Assert.Equal(((decimal)expected, percent), (value, found));
    }

    [Fact]
    public void Plain_numbers_agree_with_the_runtimes_parser_and_allocate_nothing()
    {
        var random = new Random(5);
        byte[][] texts = [.. Enumerable.Range(0, 5000).Select(_ =>
        {
            string digits = random.NextInt64(0, (long)Math.Pow(10, random.Next(1, 18))).ToString(CultureInfo.InvariantCulture);
            int dot = random.Next(0, digits.Length + 1);
            return Encoding.ASCII.GetBytes((random.Next(3) == 0 ? "-" : "") + digits[..dot] + (dot < digits.Length ? "." : "") + digits[dot..]);
        })];
        foreach (byte[] text in texts)
        {
            Assert.True(NumberParser.TryParse(text, DecimalMark.Unknown, out decimal value, out _));
            Assert.Equal(decimal.Parse(Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture), value);
        }

        // The first one with a currency makes the table of those.
        NumberParser.TryParse("€ 12.345.678,90"u8, DecimalMark.Unknown, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] text in texts) NumberParser.TryParse(text, DecimalMark.Unknown, out _, out _);
        NumberParser.TryParse("€ 12.345.678,90"u8, DecimalMark.Unknown, out _, out _);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
    }

    [Fact]
    public void No_bytes_make_it_throw()
    {
        var random = new Random(6);
        byte[] alphabet = Encoding.UTF8.GetBytes("0123456789.,,'  -+()%$€eE\u00A0₹RsUSD\u2212");
        byte[] text = new byte[300];
        int read = 0;
        for (int i = 0; i < 200_000; i++)
        {
            int length = random.Next(0, i % 1000 == 0 ? 300 : 9);
            for (int k = 0; k < length; k++) text[k] = alphabet[random.Next(alphabet.Length)];
            if (NumberParser.TryParse(text.AsSpan(0, length), (DecimalMark)(i % 3), i % 2 == 0, out _, out _, out _)) read++;
        }

        Assert.InRange(read, 1000, 199_000);
    }
}
