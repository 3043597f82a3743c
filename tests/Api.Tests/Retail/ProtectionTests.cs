using System.Text;
using System.Text.Json;
using CloudStore.Storage.Operations.Lifecycle;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Api.Tests.Retail;

/// <summary>What the area promises of prices: not one of them in clear in the database, and nobody sees them without a trace.</summary>
public sealed class ProtectionTests
{
    private const string Price = "98765.43";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task No_price_is_in_the_database_in_clear(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await LoadAsync(server);
        foreach (var analysis in new[] { "risks", "compliance", "insights" })
        {
            Assert.True((await server.Client.PostAsync($"/v1/retail/{analysis}", "{}")).IsSuccessStatusCode, analysis);
        }

        var compliance = await Expect.JsonAsync(await server.Client.GetAsync("/v1/retail/compliance", Token), 200);
        Assert.Contains(Price, compliance.GetRawText(), StringComparison.Ordinal);

        var stored = provider == Provider.Sqlite ? await SqliteAsync(server) : await PostgresAsync(server);
        Assert.Contains("RICE-5KG", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("98765", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-till", stored, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Reads_keys_erasures_and_purges_leave_a_trace(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, settings: _ => new() { ["Retention:Days:sales"] = "30" });
        var id = await LoadAsync(server);
        await server.Client.GetAsync($"/v1/retail/sales/{id}", Token);
        await server.Client.GetAsync("/v1/retail/sales", Token);
        await server.Client.GetAsync("/v1/retail/sales/totals?groupBy=product", Token);
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/protection/keys/rotate", ""), 202);
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-2"}"""), 200);
        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            Assert.Equal(1, (await scope.ServiceProvider.GetRequiredService<Retention>().RunAsync(Token))["sales"]);
        }

        var reads = await EventsAsync(server, "read");
        Assert.Equal(3, reads.Count);
        Assert.Equal((id, "totals"), (reads[2].GetProperty("recordId").GetString(), reads[0].GetProperty("details").GetProperty("for").GetString()));
        Assert.Equal((2, 2), (reads[0].GetProperty("items").GetInt32(), reads[1].GetProperty("items").GetInt32()));
        Assert.Contains(await EventsAsync(server, "key"), e => e.GetProperty("details").GetRawText().Contains("rotate", StringComparison.Ordinal));
        Assert.Contains(await EventsAsync(server, "key"), e => e.GetProperty("details").GetRawText().Contains("destroy", StringComparison.Ordinal));
        var erase = Assert.Single(await EventsAsync(server, "erase"));
        Assert.Equal(("sales", 1), (erase.GetProperty("recordType").GetString(), erase.GetProperty("items").GetInt32()));
        Assert.DoesNotContain("c-2", erase.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(("sales", 1), Single(await EventsAsync(server, "purge")));
    }

    private static (string?, int) Single(List<JsonElement> events)
    {
        var e = Assert.Single(events);
        return (e.GetProperty("recordType").GetString(), e.GetProperty("items").GetInt32());
    }

    private static async Task<string> LoadAsync(ApiServer server)
    {
        const string first = $$$"""{"productId":"RICE-5KG","category":"Staples","quantity":2,"mrp":649,"sellingPrice":{{{Price}}},"soldAt":"2024-03-01","customerId":"c-1","metadata":{"till":"secret-of-the-till"}}""";
        const string second = $$"""{"productId":"RICE-5KG","category":"Staples","quantity":3,"mrp":649,"sellingPrice":{{Price}},"soldAt":"2024-03-02","customerId":"c-2"}""";
        var sale = await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales", first), 201);
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales:batch", $"[{second}]"), 200);
        return sale.GetProperty("id").GetString()!;
    }

    private static async Task<List<JsonElement>> EventsAsync(ApiServer server, string action) =>
        [.. (await Expect.JsonAsync(await server.Client.GetAsync($"/v1/audit?action={action}", Token), 200)).GetProperty("items").EnumerateArray()];

    private static async Task<string> SqliteAsync(ApiServer server)
    {
        var text = new StringBuilder();
        foreach (var file in Directory.GetFiles(server.DataFolder, "records.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync(Token));
        }

        return text.ToString();
    }

    private static async Task<string> PostgresAsync(ApiServer server)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString!);
        await using var command = source.CreateCommand("SELECT string_agg(query_to_xml(format('SELECT * FROM %I', relname), true, false, '')::text, '') FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
        return (string)(await command.ExecuteScalarAsync(Token))!;
    }
}
