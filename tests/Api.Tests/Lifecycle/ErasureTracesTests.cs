using System.Net;
using System.Text;
using CloudStore.Api.Tests.Imports;
using CloudStore.Storage.Access;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.Spooling;
using CloudStore.Storage.Retail.Sales;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Lifecycle;

/// <summary>Where a person is named in passing: rejected rows, kept answers, and the marks that the erasure itself leaves.</summary>
public sealed class ErasureTracesTests
{
    private const string Rows = "productId,customerId,quantity,sellingPrice\nA,c-1,1,free\nB,c-2,1,free\nC,c-17,1,free\nD,,1,\"for c-1, as agreed\"\nE,xc-1,1,free\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task Rejected_rows_that_name_the_person_are_gone_and_others_stay(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var csv = await host.LoadAsync(Rows, "target=retail.sales");
        var json = await host.LoadAsync("""{"productId":"F","customerId":"c\u002d1","sellingPrice":"free"}""" + "\n" + """{"productId":"G","customerId":"c\u002d2","sellingPrice":"free"}""" + "\n", "target=retail.sales");
        Assert.Equal((5, 2), (csv.GetProperty("rowsRejected").GetInt32(), json.GetProperty("rowsRejected").GetInt32()));

        var erased = await EraseAsync(host.Server);

        Assert.Equal(3, erased.GetProperty("rows").GetProperty("import_rejects").GetInt32());
        var rejects = await host.RejectsAsync(csv);
        Assert.Equal(["B,c-2", "C,c-17", "E,xc-1"], rejects.Split('\n')[1..^1].Select(l => string.Join(',', l.Split(',')[^4..^2])));
        Assert.DoesNotContain("F", (await host.RejectsAsync(json)).Split('\n')[1], StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Archived_rejects_go_as_well(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider, ("Retention:Days:import_rejects", "1"));
        await host.LoadAsync(Rows, "target=retail.sales");
        await using (var scope = host.Server.App.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<Storage.Imports.Jobs.ImportReject>().IgnoreQueryFilters()
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.CreatedAt, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-3)), Token);
            Assert.Equal(5, (await scope.ServiceProvider.GetRequiredService<Retention>().RunAsync(Token))["import_rejects"]);
        }

        Assert.Equal(2, (await EraseAsync(host.Server)).GetProperty("archived").GetInt32());
        Assert.Equal(0, (await EraseAsync(host.Server)).GetProperty("archived").GetInt32());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_hold_on_rejected_rows_or_on_the_person_refuses_the_erasure(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        await host.LoadAsync(Rows, "target=retail.sales");
        foreach (var draft in new[] { """{"reason":"x","recordType":"import_rejects"}""", """{"reason":"x","subject":"c-1"}""" })
        {
            var hold = await Expect.JsonAsync(await host.Client.PostAsync("/v1/legal-holds", draft), 201);
            var problem = await Expect.ProblemAsync(await host.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), "conflict", 409);
            Assert.Contains("import_rejects", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Equal(204, (int)(await host.Client.DeleteAsync($"/v1/legal-holds/{hold.GetProperty("id").GetString()}?reason=settled", Token)).StatusCode);
        }

        Assert.Equal(2, (await EraseAsync(host.Server)).GetProperty("rows").GetProperty("import_rejects").GetInt32());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Kept_answers_are_encrypted_and_those_that_name_the_person_are_forgotten_but_their_requests_are_not_repeated(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        foreach (var customer in (string[])["c-1", "c-2"])
        {
            Assert.Equal(HttpStatusCode.Created, (await SendAsync(server, customer)).StatusCode);
            using var again = await SendAsync(server, customer);
            Assert.Equal((HttpStatusCode.Created, true), (again.StatusCode, again.Headers.Contains("Idempotency-Replayed")));
            Assert.Contains("4711.5", await again.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        Assert.All(await BodiesAsync(server), b => Assert.DoesNotContain("4711", Encoding.UTF8.GetString(b!), StringComparison.Ordinal));

        Assert.Equal(1, (await EraseAsync(server)).GetProperty("rows").GetProperty("idempotency_keys").GetInt32());

        await Expect.ProblemAsync(await SendAsync(server, "c-1"), "conflict", 409);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(server, "c-2")).StatusCode);
        var sales = await Expect.JsonAsync(await server.Client.GetAsync("/v1/retail/sales", Token), 200);
        Assert.Equal("c-2", Assert.Single(sales.GetProperty("items").EnumerateArray()).GetProperty("customerId").GetString());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_mark_of_an_older_version_goes_on_working_and_its_hash_is_keyed_at_the_next_start(Provider provider)
    {
        await using var server = await StillSpool.StartAsync(provider);
        await SpoolAsync(server, "c-1");
        await SpoolAsync(server, "c-2");
        var plain = ErasureMark.Unkeyed("default", "c-1");
        await using (var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test")))
        {
            await scope.ServiceProvider.GetRequiredService<RecordStore<ErasureMark>>().CreateAsync(new ErasureMark { SubjectHash = plain }, Token);
        }

        await server.App.Services.GetRequiredService<SpoolReplay>().RunAsync(Token);
        Assert.Equal(["c-2"], await CustomersAsync(server));

        await SpoolAsync(server, "c-1");
        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
            await scope.ServiceProvider.GetRequiredService<ErasureKeyring>().LoadAsync(context, Token);
            var mark = await context.Set<ErasureMark>().IgnoreQueryFilters().AsNoTracking().SingleAsync(Token);
            Assert.True(mark.Keyed);
            Assert.NotEqual(plain, mark.SubjectHash);
            // As received before the mark.
            await context.Set<ErasureMark>().IgnoreQueryFilters().ExecuteUpdateAsync(s => s.SetProperty(m => m.CreatedAt, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1)), Token);
        }

        await server.App.Services.GetRequiredService<SpoolReplay>().RunAsync(Token);
        Assert.Equal(["c-2"], await CustomersAsync(server));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_erasure_beside_a_retention_leaves_nothing_of_the_person_in_the_archive(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, settings: _ => new() { ["Retention:Days:sales"] = "30" });
        var sales = Enumerable.Range(0, 600).Select(i => $$"""{"productId":"p{{i}}","customerId":"c-{{i % 2 + 1}}","quantity":1,"sellingPrice":2,"soldAt":"2020-01-01"}""");
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales:batch", $"[{string.Join(',', sales)}]"), 200);
        await Task.WhenAll(Task.Run(() => RetainAsync(server), Token), Task.Run(() => EraseAsync(server), Token));
        await RetainAsync(server);
        Assert.Empty(await CustomersAsync(server));
        var archived = Directory.GetFiles(Path.Combine(server.DataFolder, "archive", "sales", "default")).Select(f =>
        {
            using var reader = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(f), System.IO.Compression.CompressionMode.Decompress));
            return reader.ReadToEnd();
        });
        var all = string.Concat(archived);
        Assert.DoesNotContain("\"c-1\"", all, StringComparison.Ordinal);
        Assert.Equal(300, all.Split("\"c-2\"").Length - 1);
    }

    [Theory]
    [InlineData("c-1", "A,c-1,1", true)]
    [InlineData("c-1", "c-1", true)]
    [InlineData("c-1", "A,c-17,1", false)]
    [InlineData("c-1", "xc-1", false)]
    [InlineData("c-1", "c-17 c-1", true)]
    [InlineData("c-1", "C-1", false)]
    [InlineData("Zoë", """{"a":[{"b":"Zo\u00eb"}]}""", true)]
    [InlineData("Zoë", """{"a":[{"b":"Zo\u00ebs"}]}""", false)]
    [InlineData("a\"b", "1,\"a\"\"b\",2", true)]
    [InlineData("c-1", null, false)]
    public void A_mention_is_the_name_itself(string subject, string? text, bool found) => Assert.Equal(found, new Mention(subject).IsIn(text));

    private static async Task<System.Text.Json.JsonElement> EraseAsync(ApiServer server) =>
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), 200);

    private static Task<HttpResponseMessage> SendAsync(ApiServer server, string customer)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/retail/sales")
        {
            Content = new StringContent($$"""{"productId":"P-{{customer}}","customerId":"{{customer}}","quantity":1,"sellingPrice":4711.5}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", $"key-{customer[^1]}");
        return server.Client.SendAsync(request, Token);
    }

    private static async Task<List<byte[]?>> BodiesAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<IdempotencyEntry>().Select(e => e.Body).ToListAsync(Token);
    }

    private static async Task SpoolAsync(ApiServer server, string customer)
    {
        var body = new SpooledSales([new SaleDraft { ProductId = $"spooled-{customer}", CustomerId = customer, Quantity = 1, SellingPrice = 3 }], Storage.Records.Bulk.ConflictMode.Reject).ToBytes();
        await server.App.Services.GetRequiredService<Spool>().AppendAsync(new SpoolEntry(Guid.CreateVersion7(), "default", "tester", SaleSpool.TargetName, TimeProvider.System.GetUtcNow().UtcDateTime, body), Token);
    }

    private static async Task<List<string>> CustomersAsync(ApiServer server) =>
        [.. (await Expect.JsonAsync(await server.Client.GetAsync("/v1/retail/sales?limit=1000", Token), 200)).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("customerId").GetString()!)];

    private static async Task RetainAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Retention>().RunAsync(Token);
    }
}
