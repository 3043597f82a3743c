using System.Globalization;
using System.Net;
using CloudStore.Api.Limits;
using CloudStore.Storage.Access;
using CloudStore.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Role = CloudStore.Storage.Access.Role;

namespace CloudStore.Api.Tests.Limits;

public sealed class RateLimitTests
{
    private const string Path = "/v1/campaigns?limit=1";
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_over_its_limit_is_told_how_long_to_wait_and_others_go_on()
    {
        // On a clock that stands, so that a slow machine earns no token meanwhile.
        await using var server = await StartAsync(new ManualTime(), null, ("RateLimits:Key:PerMinute", "30"), ("RateLimits:Key:Burst", "3"));
        for (int left = 2; left >= 0; left--)
        {
            using var fine = await server.Client.GetAsync(Path, Token);
            Assert.Equal(HttpStatusCode.OK, fine.StatusCode);
            Assert.Equal("\"key\";q=3;w=6", fine.Headers.GetValues("RateLimit-Policy").Single());
            Assert.StartsWith($"\"key\";r={left};t=", fine.Headers.GetValues("RateLimit").Single());
        }

        using var refused = await server.Client.GetAsync(Path, Token);
        var problem = await Expect.ProblemAsync(refused, "rate-limited", 429);
        Assert.Equal("The access key may send 0.5 requests a second, and 3 at once after a pause.", problem.Detail());
        Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 2);
        Assert.StartsWith("\"key\";r=0;t=", refused.Headers.GetValues("RateLimit").Single());

        using var other = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(Path, Token)).StatusCode);
    }

    [Fact]
    public async Task Waiting_as_told_is_enough()
    {
        await using var server = await StartAsync(("RateLimits:Key:PerSecond", "5"), ("RateLimits:Key:Burst", "1"));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(Path, Token)).StatusCode);
        using var refused = await server.Client.GetAsync(Path, Token);
        if (refused.StatusCode == HttpStatusCode.TooManyRequests)
        {
            await Task.Delay(refused.Headers.RetryAfter!.Delta!.Value, Token);
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(Path, Token)).StatusCode);
        }
    }

    [Fact]
    public async Task The_keys_of_a_tenant_share_its_limit_and_a_tenant_can_have_its_own()
    {
        await using var server = await StartAsync(
            ("RateLimits:Tenant:PerMinute", "1"), ("RateLimits:Tenant:Burst", "4"), ("RateLimits:Tenants:large:Tenant:PerMinute", "1"), ("RateLimits:Tenants:large:Tenant:Burst", "6"));
        foreach (var (tenant, most) in ((string, int)[])[("small", 4), ("large", 6)])
        {
            using var one = server.ClientWith(await server.MakeKeyAsync(Role.Reader, tenant));
            using var two = server.ClientWith(await server.MakeKeyAsync(Role.Reader, tenant));
            Assert.Equal(most, await GrantedAsync(10, one, two));
            Assert.StartsWith("All keys of the tenant", (await Expect.ProblemAsync(await two.GetAsync(Path, Token), "rate-limited", 429)).Detail());
        }
    }

    [Fact]
    public async Task Health_documentation_and_problems_are_never_limited()
    {
        await using var server = await StartAsync(("RateLimits:Key:PerMinute", "1"), ("RateLimits:Tenant:PerMinute", "1"), ("RateLimits:Address:PerMinute", "1"), ("RateLimits:Address:Burst", "1"));
        using var stranger = server.ClientWith(null);
        for (int i = 0; i < 5; i++)
        {
            foreach (var path in (string[])["/alive", "/health", "/openapi/v1.json", "/docs/index.html", "/problems"])
            {
                Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(path, Token)).StatusCode);
                Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(path, Token)).StatusCode);
            }
        }
    }

    [Fact]
    public async Task An_address_that_sends_no_valid_key_is_slowed_down_and_keys_in_use_are_not()
    {
        await using var server = await StartAsync(("RateLimits:Address:PerMinute", "1"), ("RateLimits:Address:Burst", "3"));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(Path, Token)).StatusCode);
        using var unseen = server.ClientWith(await server.MakeKeyAsync(Role.Reader));
        using var stranger = server.ClientWith("cs_nobody_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        for (int i = 0; i < 3; i++)
        {
            await Expect.ProblemAsync(await stranger.GetAsync(Path, Token), "unauthenticated", 401);
        }

        using var refused = await stranger.GetAsync(Path, Token);
        await Expect.ProblemAsync(refused, "rate-limited", 429);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        using var nobody = server.ClientWith(null);
        await Expect.ProblemAsync(await nobody.GetAsync(Path, Token), "rate-limited", 429);

        // A key that was not looked up yet would have to be; one in use goes on.
        await Expect.ProblemAsync(await unseen.GetAsync(Path, Token), "rate-limited", 429);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(Path, Token)).StatusCode);
    }

    [Fact]
    public async Task Behind_a_proxy_the_address_is_the_one_the_proxy_heard_from()
    {
        await using var server = await StartAsync(("RateLimits:Address:PerMinute", "1"), ("RateLimits:Address:Burst", "2"), ("RateLimits:Proxies", "1"));
        Assert.Equal([401, 401, 429], await StatusesAsync(server, "203.0.113.7", "203.0.113.7", "203.0.113.7"));
        Assert.Equal([401], await StatusesAsync(server, "203.0.113.8"));
        // What the client itself claims stands before what the proxy adds.
        Assert.Equal([429], await StatusesAsync(server, "203.0.113.99, 203.0.113.7"));
        Assert.Equal([401, 401, 429], await StatusesAsync(server, "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::3"));
    }

    [Theory]
    [InlineData("RateLimits:Key:PerSecond", "-1", "RateLimits:Key:PerSecond must be from 0")]
    [InlineData("RateLimits:Tenant:PerSecond", "1e9", "RateLimits:Tenant:PerSecond must be from 0")]
    [InlineData("RateLimits:Address:PerMinute", "-0.5", "RateLimits:Address:PerMinute must be from 0")]
    [InlineData("RateLimits:Tenants:acme:Key:Burst", "-2", "RateLimits:Tenants:acme:Key:Burst must be from 0")]
    [InlineData("RateLimits:Proxies", "99", "RateLimits:Proxies must be from 0 to 16")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value, string message)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((setting, value)));
        Assert.Contains(message, failure.Message);
    }

    [Fact]
    public async Task Two_processes_with_one_Redis_share_the_limits_and_without_it_none_fails()
    {
        await using var redis = await RedisServer.StartAsync();
        // On a clock that stands, Redis may take its time to answer, and the buckets of this process fill no further.
        var time = new ManualTime();
        (string, string)[] settings = [("ConnectionStrings:cache", $"{redis.Address},connectTimeout=500"), ("RateLimits:Key:PerMinute", "0.01"), ("RateLimits:Key:Burst", "40")];
        await using var first = await StartAsync(time, null, settings);
        await using var second = await StartAsync(time, first, settings);
        using var client = first.ClientWith(ApiServer.OperatorKey);
        using var sameKey = second.ClientWith(ApiServer.OperatorKey);
        Assert.Equal(20, await GrantedAsync(20, client, sameKey));

        // Each counts for itself now, and has counted what it let through all along.
        redis.Kill();
        Assert.Equal(60, await GrantedAsync(90, client, sameKey));
        Assert.Single(first.Log.Warnings, w => w.Contains("rate limits", StringComparison.Ordinal));

        // Redis has forgotten everything: a full bucket, for both together.
        await redis.RestartAsync();
        int asked = 0;
        foreach (var one in (HttpClient[])[client, sameKey])
        {
            await Eventually.Async(
                async () =>
                {
                    // While Redis is away it is tried once a second of the servers' clock, and has half a real one to answer.
                    time.Advance(TimeSpan.FromSeconds(asked++ % 50 == 0 ? 1 : 0));
                    return await GrantedAsync(1, one) > 0;
                },
                TimeSpan.FromMinutes(1),
                "Redis to be used again");
        }

        Assert.InRange(await GrantedAsync(90, client, sameKey), 30, 38);
    }

    [Fact]
    public async Task A_Redis_that_does_not_do_what_is_asked_counts_as_away_and_no_request_fails()
    {
        await using var redis = await RedisServer.StartAsync();
        // A connection string that asks for what the proxy has not: the client says so at each call, with an exception that is none of its own.
        using var line = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},proxy=Twemproxy,defaultDatabase=1,abortConnect=false");
        using var log = new LogCapture();
        using var loggers = new LoggerFactory([log]);
        var shared = new SharedBuckets(line, TimeProvider.System, loggers.CreateLogger<SharedBuckets>());
        var limit = new Limit("test", "key", new LimitOptions { PerMinute = 1, Burst = 3 }, shared, TimeProvider.System);
        var answers = new List<LimitAnswer>();
        for (int i = 0; i < 4; i++)
        {
            answers.Add((await limit.TakeAsync()).Answer);
        }

        Assert.Equal([LimitAnswer.Granted, LimitAnswer.Granted, LimitAnswer.Granted, LimitAnswer.Refused], answers);
        Assert.True(shared.IsAway);
        Assert.Contains("only supports database 0", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_Redis_holds_nobody_up_for_long()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(("ConnectionStrings:cache", redis.Address), ("RateLimits:Key:PerSecond", "1000"));
        await GrantedAsync(200, server.Client);
        var usual = await TimedAsync();
        redis.Freeze();
        var took = await TimedAsync();
        redis.Thaw();
        // 200 requests that each waited for Redis would take 10 seconds more.
        Assert.True(took < TimeSpan.FromSeconds(7) + (2 * usual), $"200 requests took {took}, and {usual} before");

        async Task<TimeSpan> TimedAsync()
        {
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            Assert.Equal(200, await GrantedAsync(200, server.Client));
            return System.Diagnostics.Stopwatch.GetElapsedTime(started);
        }
    }

    private static Task<ApiServer> StartAsync(params (string Name, string Value)[] settings) => StartAsync(null, null, settings);

    private static Task<ApiServer> StartAsync(TimeProvider? time, ApiServer? sharing, params (string Name, string Value)[] settings) => ApiServer.StartAsync(
        Provider.Sqlite, time: time, sharing: sharing, settings: _ => settings.ToDictionary(s => s.Name, s => (string?)s.Value));

    // All else than a grant is a refusal, never a failure.
    private static async Task<int> GrantedAsync(int requests, params HttpClient[] clients)
    {
        int granted = 0;
        for (int i = 0; i < requests; i++)
        {
            using var answer = await clients[i % clients.Length].GetAsync(Path, Token);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}");
            granted += answer.IsSuccessStatusCode ? 1 : 0;
        }

        return granted;
    }

    private static async Task<List<int>> StatusesAsync(ApiServer server, params string[] forwardedFor)
    {
        using var client = server.ClientWith(null);
        var statuses = new List<int>();
        foreach (var address in forwardedFor)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Path);
            request.Headers.Add("X-Forwarded-For", address);
            statuses.Add((int)(await client.SendAsync(request, Token)).StatusCode);
        }

        return statuses;
    }
}
