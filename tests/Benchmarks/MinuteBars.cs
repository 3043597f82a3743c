using CloudStore.Storage.Series.Columns;

namespace CloudStore.Benchmarks;

/// <summary>
/// Minute bars that any program can make alike, in whole numbers: prices in cents that go up or down by up to ten a minute, drawn by two rounds of multiplying and shifting 32 bits.
/// </summary>
internal static class MinuteBars
{
    private const long FirstMinute = 1_704_067_200_000_000, MicrosecondsOfMinute = 60_000_000;

    public static ColumnSchema Schema { get; } = new(
        new ColumnField("symbol", ColumnType.String, IsNullable: false),
        new ColumnField("ts", ColumnType.Timestamp(isUtc: false), IsNullable: false),
        new ColumnField("open", ColumnType.Double, IsNullable: false),
        new ColumnField("high", ColumnType.Double, IsNullable: false),
        new ColumnField("low", ColumnType.Double, IsNullable: false),
        new ColumnField("close", ColumnType.Double, IsNullable: false),
        new ColumnField("volume", ColumnType.Int64, IsNullable: false));

    public static string Symbol(int number) => $"SYM{number:00}";

    /// <summary>One symbol's bars from 2024-01-01 on.</summary>
    public static ColumnBatch Of(int symbol, int bars)
    {
        var (time, volume) = (new long[bars], new long[bars]);
        var (open, high, low, close) = (new double[bars], new double[bars], new double[bars], new double[bars]);
        long cents = 100_000;
        for (int i = 0; i < bars; i++)
        {
            ulong key = (ulong)symbol * 1_000_003 + (ulong)i * 4;
            long before = cents, step = (long)(Draw(key + 1) % 21) - 10;
            cents += step;
            time[i] = FirstMinute + i * MicrosecondsOfMinute;
            open[i] = before / 100.0;
            high[i] = (Math.Max(before, cents) + (long)(Draw(key + 2) % 6)) / 100.0;
            low[i] = (Math.Min(before, cents) - (long)(Draw(key + 3) % 6)) / 100.0;
            close[i] = cents / 100.0;
            volume[i] = (long)(Draw(key + 4) % 10_000) + 1;
        }

        return new ColumnBatch(
            Schema,
            new TextColumn(new int[bars], TextColumn.Of(Symbol(symbol)), Validity.All(bars)),
            new ValueColumn<long>(Schema[1].Type, time),
            new ValueColumn<double>(ColumnType.Double, open),
            new ValueColumn<double>(ColumnType.Double, high),
            new ValueColumn<double>(ColumnType.Double, low),
            new ValueColumn<double>(ColumnType.Double, close),
            new ValueColumn<long>(ColumnType.Int64, volume));
    }

    private static ulong Draw(ulong key)
    {
        ulong once = (uint)key * 2_654_435_761UL & uint.MaxValue;
        ulong twice = (once ^ (once >> 15)) * 2_654_435_761UL & uint.MaxValue;
        return twice ^ (twice >> 13);
    }
}
