using System.Data;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudStore.Api.Tests.Imports;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Retail;

/// <summary>Patterns, risks, scenarios, compliance and insights by HTTP.</summary>
public sealed class AnalysisEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Each_figure_of_an_insight_can_be_computed_again_from_its_evidence(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        await host.LoadAsync(Sales(), "target=retail.sales");
        var (status, insights, _) = await SaleEndpointTests.SendAsync(host.Client, HttpMethod.Post, "/v1/retail/insights", """{"storeId":"S & 1","from":"2025-01-02T00:00:00.25Z","before":"2025-04-01"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["topProduct", "returns", "bestWeekday", "aboveMrp", "headroomUnderMrp"], insights.EnumerateArray().Select(i => i.GetProperty("type").GetString()));
        foreach (var insight in insights.EnumerateArray())
        {
            var evidence = insight.GetProperty("evidence");
            var formula = evidence.GetProperty("formula").GetString()!;
            foreach (var figure in evidence.GetProperty("figures").EnumerateArray())
            {
                var answer = await host.Client.GetFromJsonAsync<JsonElement>(figure.GetProperty("link").GetString(), Token);
                var again = At(answer, figure.GetProperty("pointer").GetString()!).GetDecimal();
                Assert.Equal(figure.GetProperty("value").GetDecimal(), again);
                formula = formula.Replace(figure.GetProperty("name").GetString()!, string.Create(CultureInfo.InvariantCulture, $"{again:0.0###############}"), StringComparison.Ordinal);
            }

            using var table = new DataTable();
            var value = Convert.ToDecimal(table.Compute(formula, null), CultureInfo.InvariantCulture);
            Assert.Equal(evidence.GetProperty("value").GetDecimal(), Math.Round(value, 2, MidpointRounding.AwayFromZero));
            Assert.Contains(evidence.GetProperty("value").GetDecimal().ToString("0.##", CultureInfo.InvariantCulture), insight.GetProperty("text").GetString());
            Assert.NotEqual(0, (await host.Client.GetFromJsonAsync<JsonElement>(evidence.GetProperty("rows").GetString(), Token)).GetProperty("items").GetArrayLength());
            var id = insight.GetProperty("id").GetString();
            Assert.Equal(insight.GetProperty("text").GetString(), (await host.Client.GetFromJsonAsync<JsonElement>($"/v1/retail/insights/{id}", Token)).GetProperty("text").GetString());
        }
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task What_is_made_from_sales_is_answered_and_kept(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var job = await host.LoadAsync(Sales(), "target=retail.sales");
        Assert.Equal(10, job.GetProperty("rowsFlagged").GetInt32());

        var (_, run, _) = await SaleEndpointTests.SendAsync(host.Client, HttpMethod.Post, "/v1/retail/patterns", """{"measure":"revenue"}""");
        Assert.Equal(2, run.GetProperty("patterns").GetInt32());
        await SameAsync(host, "patterns", (await ItemsAsync(host, "patterns?subject=tea"))[0]);
        var current = await host.Client.GetFromJsonAsync<JsonElement>("/v1/retail/patterns/current?product=tea&store=S%20%26%201", Token);
        Assert.Equal((100, "smooth"), (current.GetProperty("sampleSize").GetInt32(), current.GetProperty("demandClass").GetString()));

        var (_, risks, _) = await SaleEndpointTests.SendAsync(host.Client, HttpMethod.Post, "/v1/retail/risks", """{"products":["tea"],"asOf":"2025-04-20"}""");
        Assert.Equal(["demandDecline", "volatility", "marginUnderMrp", "concentration", "staleStock"], risks.EnumerateArray().Select(r => r.GetProperty("kind").GetString()));
        await SameAsync(host, "risks", risks[0]);
        Assert.Equal(5, (await ItemsAsync(host, "risks?product=tea")).Length);

        var (created, scenario, _) = await SaleEndpointTests.SendAsync(host.Client, HttpMethod.Post, "/v1/retail/scenarios", """{"name":"up","kind":"priceChange","productId":"tea","changePercent":5}""");
        Assert.Equal(HttpStatusCode.Created, created);
        await SameAsync(host, "scenarios", scenario);
        var (refused, problem, _) = await SaleEndpointTests.SendAsync(host.Client, HttpMethod.Post, "/v1/retail/scenarios", """{"name":"up","kind":"priceChange","productId":"rice","changePercent":5}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "elasticity"), (refused, problem.GetProperty("errors")[0].GetProperty("rule").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, (await SaleEndpointTests.SendAsync(host.Client, HttpMethod.Delete, $"/v1/retail/scenarios/{scenario.GetProperty("id")}", null)).Status);
        Assert.Empty(await ItemsAsync(host, "scenarios"));

        var (_, compliance, _) = await SaleEndpointTests.SendAsync(host.Client, HttpMethod.Post, "/v1/retail/compliance", "{}");
        Assert.Equal(["violated", "violated"], compliance.EnumerateArray().Select(c => c.GetProperty("verdict").GetString()));
        await SameAsync(host, "compliance", compliance[1]);
        Assert.Single(await ItemsAsync(host, "compliance?product=tea&verdict=violated"));
    }

    [Fact]
    public async Task A_request_of_unknown_fields_or_too_many_products_is_refused()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var many = JsonSerializer.Serialize(Enumerable.Range(0, 501).Select(i => $"{i}"));
        foreach (var (path, body, field) in new[]
        {
            ("patterns", """{"kind":"store"}""", "kind"), ("patterns", """{"produkt":"x"}""", "produkt"), ("compliance", $$"""{"products":{{many}}}""", "products"),
            ("risks", $$"""{"products":{{many}}}""", "products"), ("risks", """{"from":"soon"}""", "from"), ("scenarios", """{"name":"x","kind":"promotion"}""", "changePercent"),
        })
        {
            var (status, problem, _) = await SaleEndpointTests.SendAsync(server.Client, HttpMethod.Post, $"/v1/retail/{path}", body);
            Assert.Equal((HttpStatusCode.BadRequest, field), (status, problem.GetProperty("errors")[0].GetProperty("field").GetString()));
        }
    }

    private static async Task SameAsync(ImportHost host, string route, JsonElement record)
    {
        var again = await host.Client.GetFromJsonAsync<JsonElement>($"/v1/retail/{route}/{record.GetProperty("id").GetString()}", Token);
        Assert.True(JsonElement.DeepEquals(record, again), $"{record}\nis not\n{again}");
    }

    private static async Task<JsonElement[]> ItemsAsync(ImportHost host, string path) =>
        [.. (await host.Client.GetFromJsonAsync<JsonElement>($"/v1/retail/{path}", Token)).GetProperty("items").EnumerateArray()];

    private static JsonElement At(JsonElement document, string pointer)
    {
        foreach (var part in pointer.Split('/').Skip(1))
        {
            document = document.ValueKind == JsonValueKind.Array ? document[int.Parse(part, CultureInfo.InvariantCulture)] : document.GetProperty(part);
        }

        return document;
    }

    // A hundred days of tea at five prices, every tenth above what is printed; rice at one price, with a return each week.
    private static string Sales()
    {
        var file = new StringBuilder("invoice,sku,store,qty,mrp,price,date\n");
        for (int i = 0; i < 100; i++)
        {
            var day = new DateTime(2025, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            int price = i % 10 == 9 ? 110 : 80 + (5 * (i % 4));
            file.Append(CultureInfo.InvariantCulture, $"t{i},tea,S & 1,{30 - (price / 10) + (i % 7)},100,{price},{day}\n");
            file.Append(CultureInfo.InvariantCulture, $"r{i},rice,S & 1,{(i % 7 == 3 ? -1 : 4)},60,50,{day}\n");
        }

        return file.Append("x,tea,S2,5,100,90,2025-01-01\n").ToString();
    }
}
