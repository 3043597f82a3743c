using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using CloudStore.Api.Cache.Answers;
using CloudStore.Ingestion;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Api.Tests.Cache;

/// <summary>Answers that are kept are never older than the records.</summary>
public sealed class AnswerCacheTests
{
    private const string List = "/v1/campaigns?count=true&sort=-spend";
    private const string Metrics = "/v1/campaigns/metrics?groupBy=platform";

    public static MatrixTheoryData<string, Provider> Writes() => new(
        ["create", "replace", "patch", "delete", "batch", "batch that updates", "restore", "service import", "import job", "stream", "retention", "tracked save", "transaction"], Enum.GetValues<Provider>());

    // What is kept is trusted for as long as the database need not be asked again, so for a minute however slow the machine is.
    private static (string Name, string? Value) Unhurried => ("Cache:DatabasePollMilliseconds", "60000");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_second_answer_is_the_first_one_again_and_costs_nothing_who_has_it(Provider provider)
    {
        await using var server = await StartAsync(provider);
        var id = await CreateAsync(server, "c-1", 10);
        foreach (var path in (string[])[List, Metrics, $"/v1/campaigns/{id}", "/v1/analyses", "/v1/queries", "/v1/llm-usage", "/v1/llm-usage/totals?groupBy=provider", $"/v1/campaigns/{id}/analyses"])
        {
            using var first = await server.Client.GetAsync(path, Token);
            Assert.Equal("cloudstore; fwd=miss; stored", Status(first));
            using var second = await HitAsync(server, path);
            Assert.Equal(await first.Content.ReadAsStringAsync(Token), await second.Content.ReadAsStringAsync(Token));
            Assert.Equal((first.Headers.ETag, first.Content.Headers.ContentType), (second.Headers.ETag, second.Content.Headers.ContentType));
            Assert.NotNull(second.Headers.Age);
            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(second.Headers.ETag!);
            using var third = await server.Client.SendAsync(again, Token);
            Assert.Equal((HttpStatusCode.NotModified, 0), (third.StatusCode, (await third.Content.ReadAsByteArrayAsync(Token)).Length));
        }
    }

    // On a machine that is busy a process may for a moment not know whether it has heard of everything, and then asks the database.
    private static async Task<HttpResponseMessage> HitAsync(ApiServer server, string path)
    {
        HttpResponseMessage? answer = null;
        await Eventually.Async(
            async () =>
            {
                answer?.Dispose();
                answer = await server.Client.GetAsync(path, Token);
                return Status(answer) == "cloudstore; hit";
            },
            TimeSpan.FromMinutes(1),
            $"a kept answer of {path}");
        return answer!;
    }

    [Fact]
    public async Task Parameters_in_another_order_are_the_same_list_and_others_are_not()
    {
        await using var server = await StartUnhurriedAsync();
        await CreateAsync(server, "c-1", 10);
        await server.Client.GetAsync("/v1/campaigns?limit=5&platform=Meta", Token);
        Assert.Equal("cloudstore; hit", Status(await server.Client.GetAsync("/v1/campaigns?PLATFORM=%4Deta&limit=5", Token)));
        Assert.Equal("cloudstore; fwd=miss; stored", Status(await server.Client.GetAsync("/v1/campaigns?platform=meta&limit=5", Token)));
        using var other = server.ClientWith(await server.MakeKeyAsync(Role.Reader, "acme"));
        using var theirs = await other.GetAsync("/v1/campaigns?limit=5&platform=Meta", Token);
        Assert.Equal("cloudstore; fwd=miss; stored", Status(theirs));
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/campaigns?platfrom=Meta", Token), "invalid", 400, "platfrom", "unknown");
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task After_every_kind_of_write_answers_are_as_if_nothing_were_kept(string write, Provider provider)
    {
        await using var server = await StartAsync(provider, ("Retention:Days:campaigns", "3650"));
        await using var plain = await ApiServer.StartAsync(provider, sharing: server, settings: _ => new() { ["Cache:AnswerSeconds"] = "0" });
        var (id, deleted) = (await CreateAsync(server, "c-1", 10), await CreateAsync(server, "c-2", 20));
        await server.Client.DeleteAsync($"/v1/campaigns/{deleted}", Token);
        string[] paths = [List, Metrics, $"/v1/campaigns/{id}"];
        foreach (var path in paths)
        {
            // A process that got no time to follow the log stops trusting what it keeps for a moment.
            await Eventually.Async(async () => Status(await server.Client.GetAsync(path, Token)) == "cloudstore; hit", TimeSpan.FromMinutes(1), "a hit");
        }

        var before = await Task.WhenAll(paths.Select(p => server.Client.GetStringAsync(p, Token)));
        await WriteAsync(write, server, id, deleted);
        int changed = 0;
        foreach (var (path, old) in paths.Zip(before))
        {
            using var kept = await server.Client.GetAsync(path, Token);
            using var read = await plain.Client.GetAsync(path, Token);
            Assert.Equal(read.StatusCode, kept.StatusCode);
            var text = await read.Content.ReadAsStringAsync(Token);
            if (read.IsSuccessStatusCode)
            {
                Assert.Equal(text, await kept.Content.ReadAsStringAsync(Token));
            }

            changed += text == old ? 0 : 1;
        }

        Assert.True(changed > 0, $"{write} changed none of the answers, so that the test says nothing.");
    }

    [Fact]
    public async Task What_is_added_leaves_answers_about_one_record_in_the_cache()
    {
        await using var server = await StartUnhurriedAsync();
        var id = await CreateAsync(server, "c-1", 10);
        await server.Client.GetAsync($"/v1/campaigns/{id}", Token);
        await CreateAsync(server, "c-2", 10);
        Assert.Equal("cloudstore; hit", Status(await server.Client.GetAsync($"/v1/campaigns/{id}", Token)));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task No_read_that_begins_after_a_write_was_answered_is_older_than_it(Provider provider)
    {
        await using var server = await StartAsync(provider);
        const int Records = 4;
        var ids = await Task.WhenAll(Enumerable.Range(0, Records).Select(i => CreateAsync(server, $"c-{i}", 1)));
        long[] acknowledged = [.. Enumerable.Repeat(1L, Records)];
        int reads = 0, hits = 0;
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var started = Stopwatch.GetTimestamp();
        // Six seconds, and longer where that is too short to say much.
        bool IsOver() => over.IsCancellationRequested || (Stopwatch.GetElapsedTime(started).TotalSeconds > 6 && Volatile.Read(ref reads) > 200 && Volatile.Read(ref hits) > 20);
        var writers = Enumerable.Range(0, Records).Select(async i =>
        {
            var random = new Random(i);
            for (long next = 2; !IsOver(); next++)
            {
                await Expect.JsonAsync(await SendAsync(server, HttpMethod.Patch, $"/v1/campaigns/{ids[i]}", $$"""{"spend":{{next}}}"""), 200);
                Volatile.Write(ref acknowledged[i], next);
                await Task.Delay(random.Next(30), Token);
            }
        });
        var readers = Enumerable.Range(0, 8).Select(async r =>
        {
            var random = new Random(100 + r);
            while (!IsOver())
            {
                var least = acknowledged.Select((_, i) => Volatile.Read(ref acknowledged[i])).ToArray();
                int which = random.Next(Records);
                using var answer = await server.Client.GetAsync(r % 3 == 0 ? List : r % 3 == 1 ? Metrics : $"/v1/campaigns/{ids[which]}", Token);
                Interlocked.Add(ref hits, Status(answer) == "cloudstore; hit" ? 1 : 0);
                Interlocked.Increment(ref reads);
                var body = await Expect.JsonAsync(answer, 200);
                if (r % 3 == 0)
                {
                    foreach (var item in body.GetProperty("items").EnumerateArray())
                    {
                        int i = Array.IndexOf(ids, item.GetProperty("id").GetString());
                        Assert.True(item.GetProperty("spend").GetInt64() >= least[i], $"the list showed {item.GetProperty("spend")} of {i} after {least[i]} was acknowledged");
                    }
                }
                else
                {
                    long seen = r % 3 == 1 ? body.GetProperty("groups").EnumerateArray().Sum(g => g.GetProperty("spend").GetInt64()) : body.GetProperty("spend").GetInt64();
                    long wanted = r % 3 == 1 ? least.Sum() : least[which];
                    Assert.True(seen >= wanted, $"{seen} was shown after {wanted} was acknowledged");
                }
            }
        });
        await Task.WhenAll([.. writers, .. readers]);
        Assert.True(reads > 200 && hits > 20, $"{reads} reads, of which {hits} hits, say little");
    }

    [Fact]
    public async Task While_Postgres_is_away_what_is_fresh_is_served_and_says_how_old_it_is()
    {
        TcpProxy? proxy = null;
        await using var server = await ApiServer.StartAsync(Provider.Postgres, settings: records =>
        {
            var direct = new NpgsqlConnectionStringBuilder(records);
            proxy = new TcpProxy(direct.Port);
            direct.Port = proxy.Port;
            return new() { ["ConnectionStrings:records"] = direct.ConnectionString, ["Cache:AnswerSeconds"] = "3000", [Unhurried.Name] = Unhurried.Value };
        });
        using var way = proxy!;
        using var before = await HitAsync(server, List);
        var body = await before.Content.ReadAsStringAsync(Token);
        way.Cut();
        using var kept = await server.Client.GetAsync(List, Token);
        Assert.Equal((HttpStatusCode.OK, "cloudstore; hit", body), (kept.StatusCode, Status(kept), await kept.Content.ReadAsStringAsync(Token)));
        Assert.NotNull(kept.Headers.Age);
        await Expect.ProblemAsync(await server.Client.GetAsync("/v1/campaigns?limit=7", Token), "unavailable", 503);
    }

    [Fact]
    public async Task An_answer_whose_caller_left_while_it_was_made_is_given_to_nobody()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int runs = 0;
        await using var server = await ApiServer.StartAsync(
            Provider.Sqlite,
            settings: _ => new() { ["Cache:AnswerSeconds"] = "3000", [Unhurried.Name] = Unhurried.Value },
            map: app => app.MapGet("/v1/things", async (HttpContext http) =>
            {
                if (Interlocked.Increment(ref runs) == 1)
                {
                    begun.SetResult();
                    await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                // Large enough to be written in parts: what is written at once is whole also where the caller has left.
                return Results.Ok(Enumerable.Range(0, 20_000));
            }).RequireRole(Role.Reader).CachesList("campaigns"));
        using var leaving = server.ClientWith(ApiServer.OperatorKey);
        var first = leaving.GetAsync("/v1/things", Token);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        var waiting = server.Client.GetStringAsync("/v1/things", Token);
        leaving.CancelPendingRequests();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var whole = JsonSerializer.Serialize(Enumerable.Range(0, 20_000));
        Assert.Equal(whole, await waiting);
        Assert.Equal(whole, await server.Client.GetStringAsync("/v1/things", Token));
    }

    [Fact]
    public async Task Failures_are_not_kept_and_neither_is_what_is_too_large()
    {
        await using var server = await StartAsync(Provider.Sqlite, ("Cache:LargestAnswerBytes", "1000"));
        var none = $"/v1/campaigns/{Guid.NewGuid()}";
        await Expect.ProblemAsync(await server.Client.GetAsync(none, Token), "not-found", 404);
        await Expect.ProblemAsync(await server.Client.GetAsync(none, Token), "not-found", 404);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => CreateAsync(server, $"c-{i}", 1)));
        for (int i = 0; i < 2; i++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.Client.GetAsync(List, Token)));
            foreach (var answer in answers)
            {
                Assert.Equal(5, (await Expect.JsonAsync(answer, 200)).GetProperty("count").GetInt32());
            }
        }
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Answers_that_may_be_kept_are_of_tables_that_are_there_and_have_nothing_protected(Provider provider)
    {
        await using var server = await StartAsync(provider);
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var rules = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(e => e.Metadata.GetMetadata<AnswerRule>()).OfType<AnswerRule>().ToList();
        Assert.True(rules.Count >= 10);
        foreach (var table in rules.SelectMany(r => r.Tables).Distinct())
        {
            var type = context.Model.GetEntityTypes().Single(t => t.GetTableName() == table).ClrType;
            Assert.True(ProtectedPlan.For(context, type) is null, $"{table} has protected fields, each reading of which is audited");
        }
    }

    private static async Task WriteAsync(string write, ApiServer server, string id, string deleted)
    {
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        var (campaigns, context) = (scope.ServiceProvider.GetRequiredService<CampaignService>(), scope.ServiceProvider.GetRequiredService<StoreContext>());
        var fresh = new CampaignDraft { CampaignId = "c-9", Platform = "Meta", Spend = 90 };
        var known = new CampaignDraft { CampaignId = "c-1", Platform = "Meta", Spend = 91 };
        switch (write)
        {
            case "create": await CreateAsync(server, "c-9", 90); break;
            case "replace": await Expect.JsonAsync(await SendAsync(server, HttpMethod.Put, $"/v1/campaigns/{id}", """{"campaignId":"c-1","spend":33}"""), 200); break;
            case "patch": await Expect.JsonAsync(await SendAsync(server, HttpMethod.Patch, $"/v1/campaigns/{id}", """{"spend":34}"""), 200); break;
            case "delete": Assert.True((await server.Client.DeleteAsync($"/v1/campaigns/{id}", Token)).IsSuccessStatusCode); break;
            case "batch": await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns:batch", """[{"campaignId":"c-8","spend":1},{"campaignId":"c-9","spend":2}]"""), 200); break;
            case "batch that updates": await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns:batch?onConflict=update", """[{"campaignId":"c-1","platform":"Meta","spend":35}]"""), 200); break;
            case "restore": await campaigns.RestoreAsync(Guid.Parse(deleted, CultureInfo.InvariantCulture), Token); break;
            case "service import": await campaigns.ImportAsync([fresh, known], ConflictMode.Update, Token); break;
            case "import job": await ImportAsync(server, "campaignId,platform,spend\nc-1,Meta,36\nc-9,Meta,3\n"); break;
            case "stream": Assert.True((await server.Client.PostAsync("/v1/streams/campaigns?onConflict=update", "{\"campaignId\":\"c-9\",\"platform\":\"Meta\",\"spend\":5}\n", contentType: "application/x-ndjson")).IsSuccessStatusCode); break;
            case "retention":
                // As a row that has been there for eleven years.
                await context.Set<Campaign>().ExecuteUpdateAsync(s => s.SetProperty(c => c.CreatedAt, DateTime.SpecifyKind(new DateTime(2010, 1, 1), DateTimeKind.Utc)), Token);
                await scope.ServiceProvider.GetRequiredService<Retention>().RunAsync(Token);
                break;
            case "tracked save":
                (await context.Set<Campaign>().SingleAsync(c => c.CampaignId == "c-1", Token)).Spend = 37;
                await context.SaveChangesAsync(Token);
                break;
            default:
                await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
                {
                    await using var transaction = await context.Database.BeginTransactionAsync(Token);
                    await campaigns.CreateManyAsync([fresh], ConflictMode.Reject, Token);
                    (await context.Set<Campaign>().SingleAsync(c => c.CampaignId == "c-1", Token)).Spend = 38;
                    await context.SaveChangesAsync(Token);
                    await transaction.CommitAsync(Token);
                });
                break;
        }
    }

    private static async Task ImportAsync(ApiServer server, string file)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file));
        var job = await Expect.JsonAsync(await server.Client.PostAsync("/v1/imports?target=campaigns&onConflict=update", content, Token), 202);
        JsonElement now = default;
        await Eventually.Async(async () =>
        {
            now = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/imports/{job.GetProperty("id")}", Token), 200);
            return now.GetProperty("status").GetString() is not ("queued" or "running");
        }, TimeSpan.FromMinutes(1), "the import to end");
        Assert.Equal("succeeded", now.GetProperty("status").GetString());
    }

    // A slow one may begin before it has heard of other processes, and forgets what it kept when it does.
    private static async Task<ApiServer> StartUnhurriedAsync()
    {
        var server = await StartAsync(Provider.Sqlite, Unhurried);
        using var hit = await HitAsync(server, "/v1/queries");
        return server;
    }

    private static Task<ApiServer> StartAsync(Provider provider, params (string Name, string? Value)[] settings) => ApiServer.StartAsync(
        provider, configure: b => b.AddIngestion(), map: app => app.MapIngestion(), settings: _ => settings.Append(("Cache:AnswerSeconds", "3000")).ToDictionary(s => s.Item1, s => s.Item2));

    private static async Task<string> CreateAsync(ApiServer server, string campaign, int spend) =>
        (await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", $$"""{"campaignId":"{{campaign}}","platform":"Meta","spend":{{spend}}}"""), 201)).GetProperty("id").GetString()!;

    private static Task<HttpResponseMessage> SendAsync(ApiServer server, HttpMethod method, string path, string json) =>
        server.Client.SendAsync(new HttpRequestMessage(method, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") }, Token);

    private static string Status(HttpResponseMessage answer) => answer.Headers.GetValues("Cache-Status").Single();
}
