using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Tests.Series.Columns;

public sealed class ColumnTests
{
    private static readonly Random Draws = new(7);

    [Fact]
    public void Validity_of_any_part_agrees_with_a_list_of_bools()
    {
        for (int round = 0; round < 200; round++)
        {
            var (bits, validity) = Bits(Draws.Next(0, 300));
            int start = Draws.Next(0, bits.Length + 1), length = Draws.Next(0, bits.Length - start + 1);
            var part = validity.Slice(start, length);
            var model = bits.AsSpan(start, length).ToArray();
            Assert.Equal(model.Count(b => !b), part.CountNulls());
            Assert.All(Enumerable.Range(0, length), i => Assert.Equal(model[i], part[i]));
            int at = Draws.Next(0, 130);
            var words = Validity.Words(at + length);
            part.CopyTo(words, at);
            var copied = new Validity(words, at, length);
            Assert.All(Enumerable.Range(0, length), i => Assert.Equal(model[i], copied[i]));
            Assert.Equal(at + length - model.Count(b => b), new Validity(words, 0, at + length).CountNulls());
        }
    }

    [Fact]
    public void Parts_of_batches_put_together_are_the_batch()
    {
        var schema = new ColumnSchema(new ColumnField("price", ColumnType.Double), new ColumnField("name", ColumnType.String), new ColumnField("tag", ColumnType.String));
        var (_, validity) = Bits(500);
        var dictionary = TextColumn.Of("x", "päivä", "");
        var batch = new ColumnBatch(
            schema,
            new ValueColumn<double>(ColumnType.Double, Enumerable.Range(0, 500).Select(i => validity[i] ? i / 4.0 : 0).ToArray(), validity),
            TextColumn.Of(Enumerable.Range(0, 500).Select(i => validity[i] ? $"n{i % 17}" : null)),
            new TextColumn(Enumerable.Range(0, 500).Select(i => validity[i] ? i % 3 : 0).ToArray(), dictionary, validity));
        List<ColumnBatch> parts = [];
        for (int at = 0; at < 500;)
        {
            int take = Math.Min(500 - at, Draws.Next(0, 90));
            parts.Add(batch.Slice(at, take));
            at += take;
        }

        var whole = ColumnBatch.Concat(parts);
        Assert.NotNull(whole.Text("tag").Dictionary);
        for (int c = 0; c < 3; c++)
        {
            Assert.Equal(Enumerable.Range(0, 500).Select(batch.Columns[c].ValueAt), Enumerable.Range(0, 500).Select(whole.Columns[c].ValueAt));
        }
    }

    [Fact]
    public void A_batch_that_does_not_fit_its_schema_says_why()
    {
        var price = new ColumnSchema(new ColumnField("price", ColumnType.Double, IsNullable: false));
        Assert.Contains("misses 1 values", Assert.Throws<ArgumentException>(() => new ColumnBatch(price, new ValueColumn<double>(ColumnType.Double, new double[2], new Validity([1], 0, 2)))).Message, StringComparison.Ordinal);
        Assert.Contains("is int64, the schema says double", Assert.Throws<ArgumentException>(() => new ColumnBatch(price, new ValueColumn<long>(ColumnType.Int64, new long[2]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ValueColumn<int>(ColumnType.Int64, new int[1]));
        Assert.Throws<ArgumentException>(() => new ColumnSchema(new ColumnField("a", ColumnType.Double), new ColumnField("a", ColumnType.Int32)));
        Assert.Contains("there are price", Assert.Throws<ArgumentException>(() => price.Select(["close"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_is_written_as_settings_name_it()
    {
        Assert.Equal("timestamp(nanoseconds, utc)", ColumnType.Timestamp(TimeUnit.Nanoseconds).ToString());
        Assert.Equal("decimal(18,4)", ColumnType.Decimal(18, 4).ToString());
        Assert.Equal("bool", ColumnType.Boolean.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnType.Decimal(39, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColumnType.Decimal(5, 6));
    }

    private static (bool[] Model, Validity Validity) Bits(int length)
    {
        var model = new bool[length];
        var words = Validity.Words(length);
        for (int i = 0; i < length; i++)
        {
            model[i] = Draws.Next(3) > 0;
            words[i >> 6] |= (model[i] ? 1UL : 0) << (i & 63);
        }

        return (model, new Validity(words, 0, length));
    }
}
