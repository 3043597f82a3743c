using System.Globalization;
using CloudStore.Storage.Records.Bulk;
using CloudStore.TestKit;
using Npgsql;
using NpgsqlTypes;

namespace CloudStore.Storage.Tests.Records.Bulk;

/// <summary>The server stores what our encoders send exactly as it stores what the driver sends.</summary>
public class CopyAgainstDriverTests
{
    private static readonly decimal[] Decimals =
    [
        0m, 0.00m, -0.0m, 1m, -1m, 9999m, 10000m, 10001m, 99999999m, 100000000m, 0.1m, 0.0001m, 0.00001m, 1.10m, 1234567.891m, decimal.MaxValue, decimal.MinValue,
        79228162514264337593543950335m / 10, 7.9228162514264337593543950335m, -0.0000000000000000000000000001m, 1.0000000000000000000000000000m,
        18446744073709551615m, 18446744073709551.615m, 18446744073709551616m, 12300000000000000000000.0004m,
    ];

    private static readonly DateTime[] Instants =
    [
        DateTime.UnixEpoch, new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2024, 2, 29, 23, 59, 59, DateTimeKind.Utc).AddTicks(9_999_990),
        new(1, 1, 2, 0, 0, 0, DateTimeKind.Utc), new(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc), DateTime.MaxValue, DateTime.MinValue,
    ];

    private static readonly string[] Texts = ["", "plain", "ümläut € 中 😀", "tab\tline\nback\\slash\"quote", new string('x', 300_000)];

    [Fact]
    public async Task Every_type_arrives_as_from_the_driver()
    {
        var token = TestContext.Current.CancellationToken;
        await using var database = await PostgresDatabase.CreateAsync(token);
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(token);
        var random = new Random(3);
        var decimals = Decimals.Concat(Enumerable.Range(0, 2000).Select(_ => new decimal(random.Next(), random.Next(), random.Next(), random.Next(2) == 0, (byte)random.Next(29)))
            .Concat(Enumerable.Range(0, 2000).Select(_ => new decimal(random.NextInt64(10_000_000)) / 100)));
        await Compare(connection, "numeric", NpgsqlDbType.Numeric, decimals, (b, v) => b.Numeric(v));
        await Compare(connection, "timestamptz", NpgsqlDbType.TimestampTz, Instants, (b, v) => b.TimestampTz(v));
        await Compare(connection, "text", NpgsqlDbType.Text, Texts, (b, v) => b.Text(v));
        await Compare(connection, "jsonb", NpgsqlDbType.Jsonb, ["{}", "null", """{"a":[1,2.50,"ü"],"b":{"c":null}}"""], (b, v) => b.Jsonb(v));
        await Compare(connection, "bigint", NpgsqlDbType.Bigint, [0, -1, long.MinValue, long.MaxValue], (b, v) => b.BigInt(v));
        await Compare(connection, "integer", NpgsqlDbType.Integer, [0, -1, int.MinValue, int.MaxValue], (b, v) => b.Integer(v));
        await Compare(connection, "boolean", NpgsqlDbType.Boolean, [true, false], (b, v) => b.Boolean(v));
        await Compare(connection, "float8", NpgsqlDbType.Double, [0d, -0d, 1.1, double.NaN, double.PositiveInfinity, double.Epsilon, double.MaxValue], (b, v) => b.DoublePrecision(v));
        await Compare(connection, "uuid", NpgsqlDbType.Uuid, [Guid.Empty, Guid.NewGuid(), Guid.CreateVersion7()], (b, v) => b.Uuid(v));
        await Compare(connection, "bytea", NpgsqlDbType.Bytea, [Array.Empty<byte>(), new byte[] { 0, 1, 255 }], (b, v) => b.Bytea(v));
    }

    private static async Task Compare<TValue>(NpgsqlConnection connection, string type, NpgsqlDbType driverType, IEnumerable<TValue> values, Action<CopyBuffer, TValue> encode)
    {
        var token = TestContext.Current.CancellationToken;
        var all = values.ToList();
        await Execute(connection, $"CREATE TEMP TABLE theirs_{type} (n integer, v {type}); CREATE TEMP TABLE ours_{type} (n integer, v {type})");
        await using (var importer = await connection.BeginBinaryImportAsync($"COPY theirs_{type} FROM STDIN (FORMAT BINARY)", token))
        {
            for (int i = 0; i < all.Count; i++)
            {
                await importer.StartRowAsync(token);
                await importer.WriteAsync(i, NpgsqlDbType.Integer, token);
                await importer.WriteAsync(all[i], driverType, token);
            }

            await importer.CompleteAsync(token);
        }

        var buffer = new CopyBuffer();
        buffer.Header();
        for (int i = 0; i < all.Count; i++)
        {
            buffer.StartRow(2);
            buffer.Integer(i);
            encode(buffer, all[i]);
        }

        buffer.End();
        await using (var stream = await connection.BeginRawBinaryCopyAsync($"COPY ours_{type} FROM STDIN (FORMAT BINARY)", token))
        {
            await stream.WriteAsync(buffer.Written, token);
        }

        Assert.Equal(all.Count, Convert.ToInt32(await Scalar(connection, $"SELECT count(*) FROM ours_{type}"), CultureInfo.InvariantCulture));
        Assert.Equal(await Export(connection, $"theirs_{type}"), await Export(connection, $"ours_{type}"));
    }

    private static async Task<string> Export(NpgsqlConnection connection, string table)
    {
        await using var stream = await connection.BeginRawBinaryCopyAsync($"COPY (SELECT * FROM {table} ORDER BY n) TO STDOUT (FORMAT BINARY)", TestContext.Current.CancellationToken);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return Convert.ToHexString(bytes.ToArray());
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<object?> Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
