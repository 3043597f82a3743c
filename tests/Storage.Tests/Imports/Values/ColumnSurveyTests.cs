using System.Text.Json;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Tests.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Values;

public class ColumnSurveyTests
{
    [Theory]
    [InlineData("3/4/2024 13/4/2024", DateOrder.DayFirst)]
    [InlineData("3/4/2024 4/13/2024", DateOrder.MonthFirst)]
    [InlineData("2024-01-02 2024-05-06", DateOrder.Unknown)]
    public async Task The_whole_column_shows_the_order(string values, DateOrder expected)
    {
        ColumnDecision decision = await Survey(values);
        Assert.Equal(expected, decision.Orders.Slash);
        Assert.Null(decision.SlashUndecided);
    }

    [Fact]
    public async Task Each_separator_has_its_own_order()
    {
        ColumnDecision decision = await Survey("1/2/2024 11/16/2024 01-02-2024 20-11-2024 03.04.2024");
        Assert.Equal(new DateOrders(DateOrder.MonthFirst, DateOrder.DayFirst, DateOrder.Unknown), decision.Orders);
        Assert.Contains("03.04.2024", decision.OrderUndecided("05.06.2024"u8), StringComparison.Ordinal);
        Assert.Null(decision.OrderUndecided("05/06/2024"u8));
    }

    [Theory]
    [InlineData("3/4/2024 5/6/2024", "every date of column v with '/'", "dd/MM/yyyy or MM/dd/yyyy")]
    [InlineData("13/11/2024 11/13/2024", "both 13/11/2024 and 11/13/2024 occur", "neither")]
    public async Task An_order_that_cannot_be_told_says_why(string values, string what, string more)
    {
        ColumnDecision decision = await Survey(values);
        Assert.Equal(DateOrder.Unknown, decision.Orders.Slash);
        Assert.Contains(what, decision.SlashUndecided, StringComparison.Ordinal);
        Assert.Contains(more, decision.SlashUndecided, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,234 1,234.50", DecimalMark.Dot)]
    [InlineData("1,234 7.5", DecimalMark.Dot)]
    [InlineData("1,234 1,234,567", DecimalMark.Dot)]
    [InlineData("1,234 1,5", DecimalMark.Comma)]
    [InlineData("1,234 0,750", DecimalMark.Comma)]
    [InlineData("1.234 1.234,5", DecimalMark.Comma)]
    [InlineData("1,234 987 12,000", DecimalMark.Dot)]
    [InlineData("12 13", DecimalMark.Unknown)]
    public async Task The_whole_column_shows_the_mark(string values, DecimalMark expected)
    {
        ColumnDecision decision = await Survey(values);
        Assert.Equal(expected, decision.Mark);
        Assert.Null(decision.MarkUndecided);
    }

    [Theory]
    [InlineData("1,234 5,678", "could be thousands")]
    [InlineData("1,234 5678", "could be thousands")]
    [InlineData("1,5 1.5", "both")]
    public async Task A_mark_that_cannot_be_told_says_why(string values, string reason)
    {
        ColumnDecision decision = await Survey(values);
        Assert.Equal(DecimalMark.Unknown, decision.Mark);
        Assert.Contains(reason, decision.MarkUndecided, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_shows_nothing_follows_the_others_of_its_file()
    {
        await using RowReader reader = await ReadRows.OpenAsync("a;b\n1.234;2,5\n5.678;1.000,25\n"u8.ToArray());
        SurveyResult result = await ColumnSurvey.RunAsync(reader, ["a", "b", "missing"], TestContext.Current.CancellationToken);
        Assert.Equal(DecimalMark.Comma, result.Columns["a"].Mark);
        Assert.Equal(new ColumnDecision(), result.Columns["missing"]);
    }

    [Fact]
    public async Task Bad_rows_and_columns_that_appear_late_do_no_harm()
    {
        await using RowReader reader = await ReadRows.OpenAsync("{\"a\":1}\nbad\n{\"d\":\"3/4/2024\"}\n{\"d\":\"3/14/2024\"}\n"u8.ToArray());
        SurveyResult result = await ColumnSurvey.RunAsync(reader, ["d"], TestContext.Current.CancellationToken);
        Assert.Equal(DateOrder.MonthFirst, result.Columns["d"].Orders.Slash);
    }

    [Fact]
    public async Task The_result_survives_a_checkpoint()
    {
        var result = new SurveyResult(new Dictionary<string, ColumnDecision> { ["v"] = await Survey("3/4/2024 01-02-2024 20-11-2024 1,5") });
        SurveyResult back = JsonSerializer.Deserialize<SurveyResult>(JsonSerializer.Serialize(result))!;
        Assert.Equal(result.Columns["v"], back.Columns["v"]);
        Assert.Equal(DateOrder.DayFirst, back.Columns["v"].Orders.Dash);
    }

    private static async Task<ColumnDecision> Survey(string values)
    {
        string file = "v,w\n" + string.Concat(values.Split(' ').Select(v => $"\"{v}\",1\n"));
        await using RowReader reader = await ReadRows.OpenAsync(System.Text.Encoding.UTF8.GetBytes(file));
        return (await ColumnSurvey.RunAsync(reader, ["v"], TestContext.Current.CancellationToken)).Columns["v"];
    }
}
