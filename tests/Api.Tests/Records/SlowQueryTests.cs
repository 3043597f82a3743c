using CloudStore.TestKit;
using Npgsql;

namespace CloudStore.Api.Tests.Records;

public sealed class SlowQueryTests
{
    // So long that no query takes it by itself, however slow the machine is.
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(4);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_over_the_threshold_is_logged_with_its_text_and_without_its_values()
    {
        // With a master key: the first start without one warns. Without kept answers: they ask no table.
        await using var server = await ApiServer.StartAsync(Provider.Postgres, settings: _ => new()
        {
            ["Protection:MasterKey"] = Convert.ToBase64String(new byte[32]),
            ["Cache:AnswerSeconds"] = "0",
            ["Records:SlowQueryMilliseconds"] = $"{Threshold.TotalMilliseconds}",
        });
        var made = await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"secret-value"}"""), 201);
        var path = $"/v1/campaigns/{made.GetProperty("id").GetString()}";
        await Expect.JsonAsync(await server.Client.GetAsync(path, Token), 200);
        Assert.Empty(server.Log.Warnings);

        await using var other = new NpgsqlConnection(server.ConnectionString);
        await other.OpenAsync(Token);
        Task<HttpResponseMessage> reading;
        await using (var transaction = await other.BeginTransactionAsync(Token))
        {
            await using (var locking = new NpgsqlCommand("LOCK TABLE campaigns IN ACCESS EXCLUSIVE MODE", other))
            {
                await locking.ExecuteNonQueryAsync(Token);
            }

            reading = server.Client.GetAsync(path, Token);
            await Eventually.Async(async () => await WaitingAsync(other) == 1, TimeSpan.FromMinutes(1), "the request waits for the table");
            await Task.Delay(Threshold, Token);
            await transaction.CommitAsync(Token);
        }

        await Expect.JsonAsync(await reading, 200);
        var line = Assert.Single(server.Log.Warnings);
        Assert.Contains("Slow query", line, StringComparison.Ordinal);
        Assert.Contains("FROM campaigns", line, StringComparison.Ordinal);
        Assert.DoesNotContain(made.GetProperty("id").GetString()!, line, StringComparison.Ordinal);
    }

    private static async Task<long> WaitingAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'campaigns'::regclass", connection);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
