using System.Net;
using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Idempotency;

public sealed class IdempotencyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Of_many_requests_with_one_key_one_works_and_the_others_get_its_answer(Provider provider)
    {
        int made = 0;
        await using var server = await ApiServer.StartAsync(provider, map: app => app.MapPost("/v1/things", (HttpContext http) =>
        {
            http.Response.Headers.ETag = "\"1\"";
            return Results.Created("/v1/things/1", new { number = Interlocked.Increment(ref made) });
        }).RequireRole(Role.Writer));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.Client.PostAsync("/v1/things", "{}", "k1")));
        Assert.Equal(1, made);
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created && !a.Headers.Contains("Idempotency-Replayed"));

        var again = await server.Client.PostAsync("/v1/things", "{}", "k1");
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal("/v1/things/1", again.Headers.Location?.ToString());
        Assert.Equal("\"1\"", again.Headers.ETag?.Tag);
        Assert.Equal("application/json", again.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"number":1}""", await again.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Another_body_query_or_path_with_the_same_key_is_refused()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, map: app => app.MapPost("/v1/things/{id}", () => "done").RequireRole(Role.Writer));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("/v1/things/a", "{}", "k")).StatusCode);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/things/a", "{ }", "k"), "idempotency-mismatch", 422);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/things/a?x=1", "{}", "k"), "idempotency-mismatch", 422);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/things/b", "{}", "k"), "idempotency-mismatch", 422);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/things/a", "{}", new string('k', 201)), "invalid", 400, "Idempotency-Key", "length");
        using var other = server.ClientWith(await server.MakeKeyAsync(Role.Writer, "acme"));
        Assert.False((await other.PostAsync("/v1/things/b", "{}", "k")).Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task Refusals_are_given_again_and_failures_of_the_server_are_not()
    {
        int calls = 0;
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, map: app =>
        {
            app.MapPost("/v1/refused", IResult () => throw ProblemException.ForField(ProblemKind.Invalid, "x", "rule", $"call {++calls}")).RequireRole(Role.Writer);
            app.MapPost("/v1/fails", IResult () => ++calls == 2 ? throw new InvalidOperationException("once") : Results.Ok("done")).RequireRole(Role.Writer);
        });
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/refused", "{}", "a"), "invalid", 400, "x", "rule");
        var again = await server.Client.PostAsync("/v1/refused", "{}", "a");
        Assert.Equal("call 1", (await Expect.ProblemAsync(again, "invalid", 400)).Detail());
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));

        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/fails", "{}", "b"), "internal", 500);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("/v1/fails", "{}", "b")).StatusCode);
        Assert.Equal(3, calls);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_client_that_leaves_ends_neither_the_work_nor_the_answer_that_is_kept(Provider provider)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int first = 0, second = 0;
        await using var server = await ApiServer.StartAsync(provider, map: app => app.MapPost("/v1/things", async (HttpContext http, CancellationToken cancellationToken) =>
        {
            first++;
            begun.TrySetResult();
            // Of the connection, not of the request: it is over when the client has left.
            var left = http.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed;
            await Task.Delay(Timeout.Infinite, left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // A request that ends with its client has the time to do so.
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            second++;
            return Results.Created("/v1/things/1", new { text = new string('x', 10_000) });
        }).RequireRole(Role.Writer));
        using (var leaving = server.ClientWith(ApiServer.OperatorKey))
        {
            var asked = leaving.PostAsync("/v1/things", "{}", "k");
            await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
            leaving.CancelPendingRequests();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        HttpResponseMessage? answer = null;
        await Eventually.Async(async () => (answer = await server.Client.PostAsync("/v1/things", "{}", "k")).StatusCode != HttpStatusCode.Conflict, TimeSpan.FromMinutes(1), "the kept answer");
        var body = await Expect.JsonAsync(answer!, 201);
        Assert.Equal(10_000, body.GetProperty("text").GetString()!.Length);
        Assert.True(answer!.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal((1, 1), (first, second));
    }

    [Fact]
    public async Task A_new_access_key_is_not_made_twice_and_its_secret_is_not_kept()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        const string body = """{"name":"x","role":"reader"}""";
        var first = await server.Client.PostAsync("/v1/keys", body, "k");
        await Expect.JsonAsync(first, 201);
        var again = await server.Client.PostAsync("/v1/keys", body, "k");
        Assert.Contains(first.Headers.Location!.ToString(), (await Expect.ProblemAsync(again, "conflict", 409)).Detail());
        Assert.Equal(2, (await Expect.JsonAsync(await server.Client.GetAsync("/v1/keys?count=true", Token), 200)).GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_claim_of_a_dead_process_is_taken_over_by_one_and_old_keys_are_removed(Provider provider)
    {
        var time = new ManualTime();
        await using var server = await ApiServer.StartAsync(provider, time: time);
        var store = server.App.Services.GetRequiredService<IdempotencyStore>();
        var hash = SHA256.HashData("request"u8);
        var dead = (await store.ClaimAsync("t", "k", "POST /x", hash, Token)).Claim!;
        time.Advance(TimeSpan.FromSeconds(40));
        Assert.True(await store.RenewAsync(dead, Token));
        time.Advance(TimeSpan.FromSeconds(40));
        await RunningAsync(store, hash);
        time.Advance(TimeSpan.FromSeconds(20));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                return (await store.ClaimAsync("t", "k", "POST /x", hash, Token)).Claim;
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.IdempotencyRunning)
            {
                return null;
            }
        }));
        var heir = Assert.Single(outcomes, c => c is not null)!;
        var answer = new IdempotentAnswer(201, "text/plain", "/x/1", null, [1, 2]);
        Assert.False(await store.CompleteAsync(dead, answer, Token));
        Assert.True(await store.CompleteAsync(heir, answer, Token));
        Assert.Equal([1, 2], (await store.ClaimAsync("t", "k", "POST /x", hash, Token)).Answer!.Body!);

        Assert.Equal(0, await store.RemoveExpiredAsync(Token));
        time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(1, await store.RemoveExpiredAsync(Token));
        Assert.NotNull((await store.ClaimAsync("t", "k", "POST /x", SHA256.HashData("other"u8), Token)).Claim);
    }

    private static async Task RunningAsync(IdempotencyStore store, byte[] hash) =>
        Assert.Equal(ProblemKind.IdempotencyRunning, (await Assert.ThrowsAsync<ProblemException>(() => store.ClaimAsync("t", "k", "POST /x", hash, Token))).Kind);
}
