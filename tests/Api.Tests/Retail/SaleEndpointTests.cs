using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Access;

namespace CloudStore.Api.Tests.Retail;

/// <summary>Sales by HTTP, on both databases.</summary>
public sealed class SaleEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_sale_is_created_read_changed_and_deleted(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var (status, sale, tag) = await SendAsync(server.Client, HttpMethod.Post, "/v1/retail/sales", """{"productId":"rice","invoiceId":"1","quantity":2,"mrp":649,"sellingPrice":659.5,"soldAt":"2026-01-05","metadata":{"till":3}}""");
        Assert.Equal((HttpStatusCode.Created, "\"1\""), (status, tag));
        Assert.Equal((true, false, 1319m, "INR"), (sale.GetProperty("aboveMrp").GetBoolean(), sale.GetProperty("isReturn").GetBoolean(), sale.GetProperty("revenue").GetDecimal(), sale.GetProperty("currency").GetString()));
        Assert.Equal(3, sale.GetProperty("metadata").GetProperty("till").GetInt32());
        Assert.False(sale.TryGetProperty("naturalKey", out _));
        var path = $"/v1/retail/sales/{sale.GetProperty("id").GetString()}";
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(server.Client, HttpMethod.Post, "/v1/retail/sales", """{"productId":"rice","invoiceId":"1","quantity":2,"soldAt":"2026-01-05"}""")).Status);

        var (_, patched, _) = await SendAsync(server.Client, HttpMethod.Patch, path, """{"sellingPrice":600}""", tag);
        Assert.Equal((600m, false), (patched.GetProperty("sellingPrice").GetDecimal(), patched.GetProperty("aboveMrp").GetBoolean()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(server.Client, HttpMethod.Patch, path, """{"sellingPrice":1}""", tag)).Status);
        var (_, replaced, _) = await SendAsync(server.Client, HttpMethod.Put, path, """{"productId":"rice","quantity":1}""");
        Assert.Equal(JsonValueKind.Null, replaced.GetProperty("mrp").ValueKind);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server.Client, HttpMethod.Delete, path + "?reason=test", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server.Client, HttpMethod.Get, path, null)).Status);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Lists_and_totals_filter_by_products_category_store_and_dates(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var (status, batch, _) = await SendAsync(server.Client, HttpMethod.Post, "/v1/retail/sales:batch", """
            {"items":[
            {"productId":"a","category":"x","storeId":"s1","quantity":2,"mrp":10,"sellingPrice":9,"soldAt":"2026-01-05T10:00:00Z"},
            {"productId":"a","category":"x","storeId":"s2","quantity":1,"mrp":10,"sellingPrice":11,"soldAt":"2026-01-06"},
            {"productId":"b","category":"y","storeId":"s1","quantity":-1,"sellingPrice":5,"soldAt":"2026-01-07"},
            {"productId":"c","category":"y","storeId":"s1","amount":40,"currency":"USD"}]}
            """);
        Assert.Equal((HttpStatusCode.OK, 4), (status, batch.GetProperty("inserted").GetInt32()));
        foreach (var (query, expected) in new[]
        {
            ("", "a a b c"), ("product=a", "a a"), ("product=a&product=b", "a a b"), ("category=y", "b c"), ("store=s1", "a b c"), ("from=2026-01-06", "a b"), ("to=2026-01-06", "a a"),
            ("from=2026-01-05T12:00:00Z&to=2026-01-06", "a"), ("aboveMrp=true", "a"), ("currency=USD", "c"), ("product=nope", ""),
        })
        {
            var list = await server.Client.GetFromJsonAsync<JsonElement>($"/v1/retail/sales?{query}", Token);
            Assert.Equal(expected, string.Join(' ', list.GetProperty("items").EnumerateArray().Select(s => s.GetProperty("productId").GetString()).Order()));
        }

        var totals = await server.Client.GetFromJsonAsync<JsonElement>("/v1/retail/sales/totals?groupBy=product", Token);
        Assert.Equal(["a INR 29 3 0", "b INR -5 0 1", "c USD 40 0 0"], totals.GetProperty("groups").EnumerateArray().Select(g =>
            $"{g.GetProperty("key")} {g.GetProperty("currency")} {g.GetProperty("revenue")} {g.GetProperty("unitsSold")} {g.GetProperty("unitsReturned")}"));
        Assert.Equal(["INR 24", "USD 40"], totals.GetProperty("totals").EnumerateArray().Select(t => $"{t.GetProperty("currency")} {t.GetProperty("revenue")}"));
        var days = await server.Client.GetFromJsonAsync<JsonElement>("/v1/retail/sales/totals?groupBy=dayOfWeek&currency=INR", Token);
        // 5 January 2026 was a Monday.
        Assert.Equal(["1", "2", "3"], days.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("key").GetString()));
    }

    [Theory]
    [InlineData("""{"productId":"p","sellingPrice":-1}""", "sellingPrice", "not-negative")]
    [InlineData("""{"productId":"p","soldAt":"1900-01-01"}""", "soldAt", "range")]
    [InlineData("""{"productId":"p","soldAt":"2999-01-01"}""", "soldAt", "range")]
    [InlineData("""{"productId":"p","currency":"XXQ"}""", "currency", "currency")]
    [InlineData("""{"quantity":1}""", "productId", "required")]
    public async Task A_sale_that_breaks_a_rule_is_refused_by_field_and_rule(string body, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var (status, problem, _) = await SendAsync(server.Client, HttpMethod.Post, "/v1/retail/sales", body);
        var error = problem.GetProperty("errors")[0];
        Assert.Equal((HttpStatusCode.BadRequest, field, rule), (status, error.GetProperty("field").GetString(), error.GetProperty("rule").GetString()));
    }

    [Fact]
    public async Task What_a_list_does_not_know_and_what_a_reader_may_not_are_refused()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        foreach (var wrong in (string[])["sales?sort=sellingPrice", "sales?mrp=5", "sales?from=yesterday", "sales/totals?groupBy=price", "patterns/current", "patterns/current?product=a&category=b",
            "risks?kind=nope", "compliance?verdict=nope", "scenarios?kind=nope", "insights?type=nope"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync($"/v1/retail/{wrong}", Token)).StatusCode);
        }

        var many = string.Join('&', Enumerable.Range(0, 501).Select(i => $"product={i}"));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync($"/v1/retail/sales?{many}", Token)).StatusCode);
        using var reader = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        foreach (var path in (string[])["sales", "sales:batch", "patterns", "risks", "scenarios", "compliance", "insights"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(reader, HttpMethod.Post, $"/v1/retail/{path}", "{}")).Status);
        }
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Another_tenant_s_sales_are_in_nothing(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await SendAsync(server.Client, HttpMethod.Post, "/v1/retail/sales", """{"productId":"a","quantity":1,"mrp":10,"sellingPrice":11,"soldAt":"2026-01-05"}""");
        using var stranger = server.ClientWith(await server.MakeKeyAsync(Role.Operator, "other"));
        Assert.Equal(0, (await stranger.GetFromJsonAsync<JsonElement>("/v1/retail/sales/totals?groupBy=product", Token)).GetProperty("groups").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync("/v1/retail/patterns/current?product=a", Token)).StatusCode);
        Assert.Equal("notChecked", (await SendAsync(stranger, HttpMethod.Post, "/v1/retail/compliance", "{}")).Body[0].GetProperty("verdict").GetString());
        Assert.Equal(0, (await SendAsync(stranger, HttpMethod.Post, "/v1/retail/insights", "{}")).Body.GetArrayLength());
    }

    internal static async Task<(HttpStatusCode Status, JsonElement Body, string? Tag)> SendAsync(HttpClient client, HttpMethod method, string path, string? body, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var answer = await client.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), answer.Headers.ETag?.Tag);
    }
}
