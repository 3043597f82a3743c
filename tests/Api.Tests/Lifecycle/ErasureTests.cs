using System.Data.Common;
using System.IO.Compression;
using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Spooling;
using CloudStore.Storage.Retail.Sales;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Api.Tests.Lifecycle;

public sealed class ErasureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task A_person_is_gone_from_rows_archive_spool_and_keys_and_nobody_else_is(Provider provider)
    {
        await using var server = await StillSpool.StartAsync(provider, ("Retention:Days:sales", "30"));
        await CreateAsync(server, "old", "c-1", "2020-01-01");
        await CreateAsync(server, "old", "c-2", "2020-01-01");
        await RetainAsync(server);
        await CreateAsync(server, "new", "c-1", Recent());
        var deleted = await CreateAsync(server, "deleted", "c-1", Recent());
        await server.Client.DeleteAsync($"/v1/retail/sales/{deleted}", Token);
        await CreateAsync(server, "new", "c-2", Recent());
        await SpoolAsync(server, "c-1");
        await SpoolAsync(server, "c-2");

        var erased = await Expect.JsonAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), 200);

        Assert.Equal(2, erased.GetProperty("rows").GetProperty("sales").GetInt32());
        Assert.Equal((1, 1, 1), (erased.GetProperty("archived").GetInt32(), erased.GetProperty("spooled").GetInt32(), erased.GetProperty("keys").GetInt32()));
        Assert.Equal(["c-2"], await CustomersAsync(server));
        Assert.Equal(["c-2"], Archived(server));
        Assert.Equal(1, server.App.Services.GetRequiredService<Spool>().Count);
        await server.App.Services.GetRequiredService<AuditLogKeeper>().RunOnceAsync(Token);
        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            // The trail outlives the person: it holds hashes, and those of ciphertext.
            var report = await scope.ServiceProvider.GetRequiredService<AuditVerifier>().VerifyAsync(Token);
            Assert.True(report.IsGood && report.Size > 5, string.Join(' ', report.Findings));
        }

        var again = await Expect.JsonAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), 200);
        Assert.Empty(again.GetProperty("rows").EnumerateObject());
        await server.App.Services.GetRequiredService<SpoolReplay>().RunAsync(Token);
        await CreateAsync(server, "later", "c-1", Recent());
        Assert.Equal(["c-1", "c-2", "c-2"], (await CustomersAsync(server)).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_waits_in_the_spool_of_another_process_does_not_bring_a_person_back(Provider provider)
    {
        await using var server = await StillSpool.StartAsync(provider);
        await SpoolAsync(server, "c-1");
        await SpoolAsync(server, "c-2");
        await using (var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test")))
        {
            // What the erasure in another process leaves for this one.
            await scope.ServiceProvider.GetRequiredService<RecordStore<ErasureMark>>().CreateAsync(ErasureMark.Of(server.App.Services.GetRequiredService<ErasureKeyring>(), "default", "c-1"), Token);
        }

        await server.App.Services.GetRequiredService<SpoolReplay>().RunAsync(Token);

        Assert.Equal(["c-2"], await CustomersAsync(server));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_hold_on_one_row_keeps_all_of_the_person_until_it_is_released(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var held = await CreateAsync(server, "a", "c-1", Recent());
        await CreateAsync(server, "b", "c-1", Recent());
        var hold = await Expect.JsonAsync(await server.Client.PostAsync("/v1/legal-holds", $$"""{"reason":"Case 4711","recordId":"{{held}}"}"""), 201);

        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), "conflict", 409);
        var keys = await Expect.JsonAsync(await server.Client.GetAsync("/v1/protection/keys?subject=c-1", Token), 200);
        var key = keys.GetProperty("items")[0].GetProperty("id").GetString();
        await Expect.ProblemAsync(await server.Client.DeleteAsync($"/v1/protection/keys/{key}?confirm={key}", Token), "conflict", 409);
        Assert.Equal(2, (await CustomersAsync(server)).Count);

        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/v1/legal-holds/{hold.GetProperty("id").GetString()}?reason=settled", Token)).StatusCode);
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), 200);
        Assert.Empty(await CustomersAsync(server));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_hold_that_is_placed_while_an_erasure_goes_on_keeps_its_rows_and_the_key_they_need(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var held = await CreateAsync(server, "a", "c-1", Recent());
        await SqlAsync(server, HoldAtTheMark(provider));

        var problem = await Expect.ProblemAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), "conflict", 409);

        Assert.Contains("1 rows of sales came under a legal hold while", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var sale = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/retail/sales/{held}", Token), 200);
        Assert.Equal(2, sale.GetProperty("sellingPrice").GetDecimal());
        await SqlAsync(server, provider == Provider.Sqlite ? "DROP TRIGGER hold" : "DROP TRIGGER hold ON erasure_marks");
        var hold = (await Expect.JsonAsync(await server.Client.GetAsync("/v1/legal-holds", Token), 200)).GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/v1/legal-holds/{hold}?reason=settled", Token)).StatusCode);
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), 200);
        Assert.Empty(await CustomersAsync(server));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_tenant_goes_with_its_keys_and_another_stays(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        using var acme = server.ClientWith(await server.MakeKeyAsync(Role.Operator, "acme"));
        await Expect.JsonAsync(await acme.PostAsync("/v1/retail/sales", Sale("a", "c-1", Recent())), 201);
        await Expect.JsonAsync(await acme.PostAsync("/v1/campaigns", """{"campaignId":"c"}"""), 201);
        await CreateAsync(server, "kept", "c-1", Recent());

        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            var erased = await scope.ServiceProvider.GetRequiredService<Erasure>().RunAsync("acme", null, "tester", Token);
            Assert.Equal((1, 1, 1), (erased.Rows["sales"], erased.Rows["campaigns"], erased.Rows["access_keys"]));
            Assert.True(erased.Keys >= 1);
        }

        Assert.Equal(["c-1"], await CustomersAsync(server));
        Assert.Equal(0, await CountAsync(server, "acme"));
    }

    [Fact]
    public async Task Nobody_but_an_operator_erases_and_a_name_is_needed()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var writer = server.ClientWith(await server.MakeKeyAsync(Role.Writer));
        await Expect.ProblemAsync(await writer.PostAsync("/v1/erasures", """{"subject":"c-1"}"""), "forbidden", 403);
        var problem = await Expect.ProblemAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":" "}"""), "invalid", 400);
        Assert.Equal("subject", problem.GetProperty("errors")[0].GetProperty("field").GetString());
        await Expect.ProblemAsync(await writer.PostAsync("/v1/legal-holds", """{"reason":"x"}"""), "forbidden", 403);
    }

    // The mark is set when the holds have been looked at and before any row is removed.
    private static string HoldAtTheMark(Provider provider)
    {
        static string Hold(string id) => "INSERT INTO legal_holds (id, tenant, created_at, updated_at, revision, reason, subject) "
            + $"VALUES ({id}, new.tenant, new.created_at, new.updated_at, 1, 'Case 4711', 'c-1');";
        return provider == Provider.Sqlite
            ? $"CREATE TRIGGER hold AFTER INSERT ON erasure_marks BEGIN {Hold("randomblob(16)")} END"
            : $"CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {Hold("gen_random_uuid()")} RETURN NULL; END $$; "
                + "CREATE TRIGGER hold AFTER INSERT ON erasure_marks FOR EACH ROW EXECUTE FUNCTION hold()";
    }

    private static async Task SqlAsync(ApiServer server, string sql)
    {
        await using DbConnection connection = server.ConnectionString is { } postgres
            ? new NpgsqlConnection(postgres)
            : new SqliteConnection($"Data Source={Path.Combine(server.DataFolder, "records.db")};Pooling=False;Default Timeout=30");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }

    private static string Recent() => TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static string Sale(string product, string customer, string day) =>
        $$"""{"productId":"{{product}}","customerId":"{{customer}}","quantity":1,"sellingPrice":2,"soldAt":"{{day}}"}""";

    private static async Task<string> CreateAsync(ApiServer server, string product, string customer, string day) =>
        (await Expect.JsonAsync(await server.Client.PostAsync("/v1/retail/sales", Sale($"{product}-{customer}", customer, day)), 201)).GetProperty("id").GetString()!;

    private static async Task SpoolAsync(ApiServer server, string customer)
    {
        var body = new SpooledSales([new SaleDraft { ProductId = $"spooled-{customer}", CustomerId = customer, Quantity = 1, SellingPrice = 3 }], Storage.Records.Bulk.ConflictMode.Reject).ToBytes();
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await server.App.Services.GetRequiredService<Spool>().AppendAsync(new SpoolEntry(Guid.CreateVersion7(), "default", "tester", SaleSpool.TargetName, now, body), Token);
    }

    private static async Task RetainAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        Assert.Equal(2, (await scope.ServiceProvider.GetRequiredService<Retention>().RunAsync(Token))["sales"]);
    }

    private static async Task<List<string>> CustomersAsync(ApiServer server)
    {
        var list = await Expect.JsonAsync(await server.Client.GetAsync("/v1/retail/sales", Token), 200);
        return [.. list.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("customerId").GetString()!)];
    }

    private static async Task<int> CountAsync(ApiServer server, string tenant)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        return await context.Set<Sale>().IgnoreQueryFilters().CountAsync(s => s.Tenant == tenant, Token);
    }

    private static List<string> Archived(ApiServer server) =>
    [
        .. Directory.GetFiles(Path.Combine(server.DataFolder, "archive", "sales", "default")).SelectMany(file =>
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("customer_id").GetString()!);
        }),
    ];
}
