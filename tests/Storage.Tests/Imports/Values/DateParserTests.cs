using System.Globalization;
using System.Text;
using CloudStore.Storage.Imports.Values;

namespace CloudStore.Storage.Tests.Imports.Values;

public class DateParserTests
{
    private static readonly DateOrders s_dayFirst = new(DateOrder.DayFirst, DateOrder.DayFirst, DateOrder.DayFirst);
    private static readonly DateOrders s_monthFirst = new(DateOrder.MonthFirst, DateOrder.MonthFirst, DateOrder.MonthFirst);

    [Theory]
    [InlineData("2024-02-29", "2024-02-29T00:00:00")]
    [InlineData("2024-01-05 06:07", "2024-01-05T06:07:00")]
    [InlineData("2024-01-05T06:07:08", "2024-01-05T06:07:08")]
    [InlineData("2024-01-05T06:07:08.1234567Z", "2024-01-05T06:07:08.1234567")]
    [InlineData("2024-01-05T06:07:08.123456789Z", "2024-01-05T06:07:08.1234567")]
    [InlineData("2024-01-05 06:07:08,5", "2024-01-05T06:07:08.5")]
    [InlineData("2024-01-05T06:07:08+05:30", "2024-01-05T00:37:08")]
    [InlineData("2024-01-05T23:07:08-0200", "2024-01-06T01:07:08")]
    [InlineData("2025-04-03 17:05:00+00:00", "2025-04-03T17:05:00")]
    [InlineData("2024-01-05 06:07:08 UTC", "2024-01-05T06:07:08")]
    [InlineData(" 2024-01-05 ", "2024-01-05T00:00:00")]
    [InlineData("2024-1-5", "2024-01-05T00:00:00")]
    [InlineData("2024/01/05", "2024-01-05T00:00:00")]
    [InlineData("2018.06.01", "2018-06-01T00:00:00")]
    [InlineData("20240105", "2024-01-05T00:00:00")]
    [InlineData("20240105T10:00", "2024-01-05T10:00:00")]
    [InlineData("1709251200", "2024-03-01T00:00:00")]
    [InlineData("1709251200123", "2024-03-01T00:00:00.123")]
    [InlineData("31/12/2024", "2024-12-31T00:00:00")]
    [InlineData("12/31/2024", "2024-12-31T00:00:00")]
    [InlineData("5/5/2024", "2024-05-05T00:00:00")]
    [InlineData("31.12.24 18:30", "2024-12-31T18:30:00")]
    [InlineData("12/31/1999 1:05:09 PM", "1999-12-31T13:05:09")]
    [InlineData("12/31/69 12:00 am", "1969-12-31T00:00:00")]
    [InlineData("12/31/68 12 p.m.", "2068-12-31T12:00:00")]
    [InlineData("31 Aug 2023", "2023-08-31T00:00:00")]
    [InlineData("31-Aug-23", "2023-08-31T00:00:00")]
    [InlineData("1 September 2023 10:00", "2023-09-01T10:00:00")]
    [InlineData("Aug 31, 2023", "2023-08-31T00:00:00")]
    [InlineData("august 31 2023", "2023-08-31T00:00:00")]
    [InlineData("Sept. 1, 2023, 5:00 PM", "2023-09-01T17:00:00")]
    [InlineData("Jan 1 2000", "2000-01-01T00:00:00")]
    [InlineData("Thu, 31 Aug 2023 10:00:00 GMT", "2023-08-31T10:00:00")]
    public void Dates_are_read_as_files_write_them(string text, string expected)
    {
        Assert.True(DateParser.TryParse(Encoding.UTF8.GetBytes(text), default, out DateTime value, out DateFault fault), fault.ToString());
        Assert.Equal(DateTime.Parse(expected, CultureInfo.InvariantCulture), value);
        Assert.Equal(DateTimeKind.Utc, value.Kind);
    }

    [Theory]
    [InlineData("", DateFault.Empty)]
    [InlineData("2024-02-30", DateFault.NoSuchDate)]
    [InlineData("2023-02-29", DateFault.NoSuchDate)]
    [InlineData("31.02.2024", DateFault.NoSuchDate)]
    [InlineData("2024-13-01", DateFault.NoSuchDate)]
    [InlineData("0000-01-01", DateFault.NoSuchDate)]
    [InlineData("13/13/2024", DateFault.NoSuchDate)]
    [InlineData("0/5/2024", DateFault.NoSuchDate)]
    [InlineData("31 Feb 2023", DateFault.NoSuchDate)]
    [InlineData("20241301", DateFault.NoSuchDate)]
    [InlineData("2024-01-05 25:00", DateFault.NoSuchDate)]
    [InlineData("2024-01-05 10:60", DateFault.NoSuchDate)]
    [InlineData("2024-01-05 13:00 PM", DateFault.NoSuchDate)]
    [InlineData("0001-01-01T00:00+10:00", DateFault.NoSuchDate)]
    [InlineData("2024-01-05x", DateFault.NotADate)]
    [InlineData("2024-01-05 10:00 +99:00", DateFault.NotADate)]
    [InlineData("yesterday", DateFault.NotADate)]
    [InlineData("Aug 2023", DateFault.NotADate)]
    [InlineData("12", DateFault.NotADate)]
    [InlineData("1/2", DateFault.NotADate)]
    [InlineData("1/2-2024", DateFault.NotADate)]
    [InlineData("1/2/202", DateFault.NotADate)]
    [InlineData("April", DateFault.NotADate)]
    [InlineData("03/04/2024", DateFault.NeedsOrder)]
    [InlineData("3-4-24", DateFault.NeedsOrder)]
    [InlineData("03.04.2024 10:00", DateFault.NeedsOrder)]
    public void What_is_no_date_is_refused_with_a_reason(string text, DateFault expected)
    {
        Assert.False(DateParser.TryParse(Encoding.UTF8.GetBytes(text), default, out _, out DateFault fault));
        Assert.Equal(expected, fault);
        Assert.NotEqual(DateFaults.Reason(DateFault.None), DateFaults.Reason(fault));
    }

    [Fact]
    public void The_columns_order_decides_and_binds()
    {
        Assert.True(DateParser.TryParse("03/04/2024"u8, s_dayFirst, out DateTime day, out _));
        Assert.True(DateParser.TryParse("03/04/2024"u8, s_monthFirst, out DateTime month, out _));
        Assert.Equal((4, 3), (day.Month, month.Month));
        Assert.False(DateParser.TryParse("13/04/2024"u8, s_monthFirst, out _, out DateFault fault));
        Assert.Equal(DateFault.NoSuchDate, fault);
        var mixed = new DateOrders(DateOrder.MonthFirst, DateOrder.DayFirst, DateOrder.Unknown);
        Assert.True(DateParser.TryParse("11/2/2024"u8, mixed, out DateTime slash, out _) && DateParser.TryParse("11-02-2024"u8, mixed, out DateTime dash, out _));
        Assert.Equal(11, slash.Month);
        Assert.False(DateParser.TryParse("11.02.2024"u8, mixed, out _, out _));
    }

    [Fact]
    public void Every_day_of_four_centuries_comes_back_in_every_form()
    {
        foreach (string form in new[] { "yyyy-MM-dd", "yyyyMMdd", "d/M/yyyy", "dd.MM.yyyy HH:mm", "d MMMM yyyy", "MMM d, yyyy", "yyyy-MM-ddTHH:mm:ssZ" })
        {
            for (var day = new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc); day.Year < 2300; day = day.AddDays(form[0] == 'y' ? 1 : 7))
            {
                byte[] text = Encoding.ASCII.GetBytes(day.ToString(form, CultureInfo.InvariantCulture));
                if (!DateParser.TryParse(text, s_dayFirst, out DateTime value, out _) || value != day) Assert.Fail(Encoding.ASCII.GetString(text));
            }
        }
    }

    [Fact]
    public void No_bytes_make_it_throw_and_nothing_is_allocated()
    {
        // What each form needs once (tables of names, statics) is made by the first round.
        Parse(20_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int read = Parse(300_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
        Assert.InRange(read, 10, 299_000);
    }

    private static int Parse(int texts)
    {
        var random = new Random(7);
        byte[] alphabet = Encoding.ASCII.GetBytes("0123456789012345678901234567890-/.:: TZ+,AugPMaf");
        byte[] text = new byte[40];
        int read = 0;
        for (int i = 0; i < texts; i++)
        {
            int length = random.Next(0, 25);
            for (int k = 0; k < length; k++) text[k] = alphabet[random.Next(alphabet.Length)];
            if (DateParser.TryParse(text.AsSpan(0, length), s_dayFirst, out _, out _)) read++;
        }

        return read;
    }

    [Theory]
    [InlineData("dd/MM/yyyy", "03/04/2024", "2024-04-03T00:00:00")]
    [InlineData("MM/dd/yyyy", "3/4/2024", "2024-03-04T00:00:00")]
    [InlineData("DD.MM.YYYY", "03.04.2024", "2024-04-03T00:00:00")]
    [InlineData("dd/mm/yyyy", "03/04/2024", "2024-04-03T00:00:00")]
    [InlineData("%d/%m/%Y", "03/04/2024", "2024-04-03T00:00:00")]
    [InlineData("%Y-%m-%dT%H:%M:%S.%f%z", "2024-04-03T10:11:12.5+0200", "2024-04-03T08:11:12.5")]
    [InlineData("%b %d %y %I:%M %p", "Apr 3 24 1:05 PM", "2024-04-03T13:05:00")]
    [InlineData("dd-MMM-yy", "03-Apr-24", "2024-04-03T00:00:00")]
    [InlineData("dddd, d MMMM yyyy", "Wednesday, 3 April 2024", "2024-04-03T00:00:00")]
    [InlineData("yyyyMMddHHmmss", "20240403101112", "2024-04-03T10:11:12")]
    [InlineData("dd.MM.yyyy HH:mm:ss.fff", "03.04.2024 10:11:12.250", "2024-04-03T10:11:12.25")]
    [InlineData("yyyy-MM-dd'T'hh:mm tt", "2024-04-03T12:30 AM", "2024-04-03T00:30:00")]
    [InlineData("MM/dd/yyyy|dd-MM-yyyy", "03-04-2024", "2024-04-03T00:00:00")]
    public void A_format_that_was_asked_for_is_followed(string format, string text, string expected)
    {
        Assert.True(DateFormat.Parse(format).TryParse(Encoding.UTF8.GetBytes(text), out DateTime value, out DateFault fault), fault.ToString());
        Assert.Equal(DateTime.Parse(expected, CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData("dd/MM/yyyy", "31/02/2024", DateFault.NoSuchDate)]
    [InlineData("dd/MM/yyyy", "12/13/2024", DateFault.NoSuchDate)]
    [InlineData("dd/MM/yyyy", "2024-04-03", DateFault.NotADate)]
    [InlineData("dd/MM/yyyy", "03/04/2024 10:00", DateFault.NotADate)]
    [InlineData("dd/MM/yyyy", " ", DateFault.Empty)]
    public void What_is_not_in_the_format_is_refused(string format, string text, DateFault expected)
    {
        Assert.False(DateFormat.Parse(format).TryParse(Encoding.UTF8.GetBytes(text), out _, out DateFault fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HH:mm")]
    [InlineData("dd/yyyy")]
    [InlineData("dd/MM/yyyy Q")]
    [InlineData("%d/%m/%Q")]
    [InlineData("dd/MM/yyyy'x")]
    public void A_format_that_cannot_be_is_refused(string format) => Assert.Throws<FormatException>(() => DateFormat.Parse(format));
}
