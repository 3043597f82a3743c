using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Fernet;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Exports;

/// <summary>What a client of <c>/v1/exports</c> gets.</summary>
public sealed class ExportEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task A_file_has_its_type_its_name_and_its_rows_in_order(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await AddAsync(server, 3);
        using var answer = await server.Client.GetAsync("/v1/exports/campaigns?columns=campaignId,spend,date,campaignName", Token);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal("campaignId,spend,date,campaignName\r\nc-0,0.5,2026-01-31,\"'=1+0\"\r\nc-1,1.5,2026-01-31,\"'=1+1\"\r\nc-2,2.5,2026-01-31,\"'=1+2\"\r\n", Encoding.UTF8.GetString(bytes));
        Assert.Equal("text/csv; charset=utf-8; header=present", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment; filename=campaigns.csv", answer.Content.Headers.ContentDisposition?.ToString().Replace("\"", "", StringComparison.Ordinal));

        var lines = (await server.Client.GetStringAsync("/v1/exports/campaigns?format=jsonl&columns=campaignName,clicks,spend", Token)).TrimEnd('\n').Split('\n');
        Assert.Equal(["""{"campaignName":"=1+0","clicks":null,"spend":0.5}""", """{"campaignName":"=1+1","clicks":null,"spend":1.5}""", """{"campaignName":"=1+2","clicks":null,"spend":2.5}"""], lines);
        Assert.Equal("campaignName\r\n=1+1\r\n", await server.Client.GetStringAsync("/v1/exports/campaigns?columns=campaignName&formulaPrefix=false&campaignId=c-1", Token));

        using var packed = await server.Client.GetAsync("/v1/exports/campaigns?compress=gzip&columns=campaignId", Token);
        Assert.Equal(("application/gzip", "campaigns.csv.gz"), (packed.Content.Headers.ContentType?.MediaType, packed.Content.Headers.ContentDisposition?.FileName?.Trim('"')));
        using var plain = new StreamReader(new GZipStream(await packed.Content.ReadAsStreamAsync(Token), CompressionMode.Decompress));
        Assert.Equal("campaignId\r\nc-0\r\nc-1\r\nc-2\r\n", await plain.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Over_HTTP_2_trailers_prove_the_file_whole()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/exports/campaigns") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await server.Client.SendAsync(request, Token);
        Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync(Token)))}:", answer.TrailingHeaders.GetValues("Content-Digest").Single());
        Assert.Equal("0", answer.TrailingHeaders.GetValues("Export-Rows").Single());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_reader_exports_their_tenant_s_records_that_are_not_deleted_and_nobody_does_without_a_key(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await AddAsync(server, 2);
        var id = (await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns?campaignId=c-1", Token), 200)).GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v1/campaigns/{id}", Token)).StatusCode);
        using var reader = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        using var other = server.ClientWith(await server.MakeKeyAsync(Role.Operator, "other"));
        using var nobody = server.ClientWith(null);
        Assert.Equal("campaignId\r\nc-0\r\n", await reader.GetStringAsync("/v1/exports/campaigns?columns=campaignId", Token));
        Assert.Equal("campaignId\r\n", await other.GetStringAsync("/v1/exports/campaigns?columns=campaignId", Token));
        await Expect.ProblemAsync(await nobody.GetAsync("/v1/exports/campaigns", Token), "unauthenticated", 401);
    }

    [Theory]
    [InlineData("campaigns?plattform=meta", "plattform", "unknown")]
    [InlineData("campaigns?format=xlsx", "format", "known-format")]
    [InlineData("campaigns?compress=zip", "compress", "known-compression")]
    [InlineData("campaigns?columns=spend,price", "columns", "known-column")]
    [InlineData("campaigns?columns=spend,spend", "columns", "once")]
    [InlineData("campaigns?columns=spend&encrypt=fernet:clicks", "encrypt", "known-column")]
    [InlineData("campaigns?encrypt=spend", "encrypt", "scheme")]
    [InlineData("campaigns?encrypt=fernet:spend", "encrypt", "key")]
    [InlineData("campaigns?formulaPrefix=maybe", "formulaPrefix", "true-or-false")]
    [InlineData("campaigns?from=yesterday", "from", "date")]
    [InlineData("queries?feedback=7", "feedback", "range")]
    [InlineData("retail.sales?aboveMrp=maybe", "aboveMrp", "true-or-false")]
    [InlineData("retail.sales?limit=5", "limit", "unknown")]
    public async Task A_wrong_parameter_is_named_with_its_rule_and_leaves_no_event(string query, string field, string rule)
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/exports/{query}", Token), "invalid", 400, field, rule);
        Assert.Empty(await EventsAsync(server));
    }

    [Fact]
    public async Task A_source_has_the_filters_of_its_list_and_there_is_none_of_another_name()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var paths = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json", Token)).RootElement.GetProperty("paths");
        foreach (var (source, list) in new[] { ("campaigns", "campaigns"), ("llm-usage", "llm-usage"), ("queries", "queries"), ("retail.sales", "retail/sales"), ("voice.metrics", "voice/metrics"), ("voice.users", "voice/users") })
        {
            // Users are found by email through a hash, which exports have not, and are exported whatever their status.
            string[] paging = ["limit", "cursor", "sort", "count", .. source == "voice.users" ? new[] { "email", "status" } : []];
            string[] own = ["format", "compress", "columns", "encrypt", "formulaPrefix"];
            Assert.Equal(Parameters(paths, $"/v1/{list}", paging), Parameters(paths, $"/v1/exports/{source}", own));
        }

        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/exports/nothing", Token), "no-route", 404);
        var sources = await Expect.JsonAsync(await server.Client.GetAsync("/v1/exports", Token), 200);
        Assert.Equal(["campaigns", "llm-usage", "queries", "retail.sales", "voice.metrics", "voice.users"], sources.EnumerateArray().Select(s => s.GetProperty("source").GetString()));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Filters_leave_what_the_list_leaves(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales:batch", """
            [{"productId":"a","storeId":"S1","mrp":100,"sellingPrice":120,"soldAt":"2026-01-01","customerId":"c-1"},
             {"productId":"b","storeId":"S2","mrp":100,"sellingPrice":90,"soldAt":"2026-01-02"},
             {"productId":"c","storeId":"S1","soldAt":"2026-01-03"}]
            """), 200);
        foreach (var (filter, rows) in new[] { ("store=S1", "a c"), ("product=a&product=b", "a b"), ("aboveMrp=true", "a"), ("from=2026-01-02", "b c"), ("to=2026-01-02", "a b"), ("customer=c-1", "a"), ("currency=USD", "") })
        {
            var file = await server.Client.GetStringAsync($"/v1/exports/retail.sales?columns=productId&{filter}", Token);
            Assert.Equal(rows, string.Join(' ', file.Split("\r\n")[1..^1].Order()));
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_export_is_in_the_audit_when_it_starts_and_when_it_ends_with_what_went_out(Provider provider)
    {
        var key = FernetKey.Generate().Export();
        await using var server = await ApiServer.StartAsync(provider, settings: _ => new() { ["Protection:FernetKeys:0"] = key });
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales", """{"productId":"a","mrp":100,"customerId":"c-1"}"""), 201);
        var bytes = await server.Client.GetByteArrayAsync("/v1/exports/retail.sales?customer=c-1&product=a&columns=productId,mrp&encrypt=fernet:mrp", Token);
        var events = await EventsAsync(server);
        Assert.Equal(["complete", "started"], events.Select(State));
        Assert.All(events, e => Assert.Equal(("sales", "a", "(given)", "productId,mrp", "mrp"), (e.GetProperty("recordType").GetString(), Detail(e, "filters").GetProperty("product").GetString(),
            Detail(e, "filters").GetProperty("customer").GetString(), Detail(e, "columns").GetString(), Detail(e, "encrypted").GetString())));
        Assert.Equal((1, Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length),
            (events[0].GetProperty("items").GetInt32(), events[0].GetProperty("after").GetString(), Detail(events[0], "bytes").GetInt32()));
        Assert.Single(events.Select(e => Detail(e, "export").GetString()).Distinct());
        var token = Encoding.UTF8.GetString(bytes).Split(',', '\r')[^2];
        Assert.Equal("100", Encoding.UTF8.GetString(new MultiFernet([FernetKey.Parse(key)], TimeProvider.System).Decrypt(token)));
    }

    [Fact]
    public async Task As_many_exports_run_as_the_setting_says()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Exports:MostAtOnce"] = "1" });
        using (server.App.Services.GetRequiredService<Storage.Exports.ExportGate>().Enter())
        {
            using var refused = await server.Client.GetAsync("/v1/exports/campaigns", Token);
            await Expect.ProblemAsync(refused, "rate-limited", 429);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/v1/exports/campaigns", Token)).StatusCode);
    }

    internal static async Task<JsonElement[]> EventsAsync(ApiServer server) =>
        [.. (await Expect.JsonAsync(await server.Client.GetAsync("/v1/audit?action=export", Token), 200)).GetProperty("items").EnumerateArray()];

    internal static string? State(JsonElement e) => Detail(e, "state").GetString();

    internal static JsonElement Detail(JsonElement e, string name) => e.GetProperty("details").GetProperty(name);

    private static async Task AddAsync(ApiServer server, int rows)
    {
        for (int i = 0; i < rows; i++)
        {
            await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", $$"""{"campaignId":"c-{{i}}","campaignName":"=1+{{i}}","spend":{{i}}.50,"date":"2026-01-31"}"""), 201);
        }
    }

    private static string[] Parameters(JsonElement paths, string path, string[] without) =>
    [
        .. paths.GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray().Where(p => !without.Contains(p.GetProperty("name").GetString()))
            .Select(p => $"{p.GetProperty("name")}: {p.GetProperty("description")}"),
    ];
}
