using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Tests.Cache;

public sealed class CacheLimitsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "required")]
    [InlineData("a\u0001", "no-control-characters")]
    [InlineData("{half}", "well-formed")]
    [InlineData("{1025}", "most-bytes")]
    [InlineData("{342}€", "most-bytes")]
    public async Task A_key_tag_or_prefix_that_breaks_a_rule_is_a_problem_that_names_it(string name, string rule)
    {
        using var host = new CacheHost();
        var cache = host.Cache;
        name = name switch
        {
            "{half}" => "a\uD800b",
            "{1025}" => new string('k', 1_025),
            "{342}€" => string.Concat(Enumerable.Repeat("€", 342)),
            _ => name,
        };
        await IsProblem("key", rule, async () => await cache.GetAsync<int>(name, Token));
        await IsProblem("key", rule, async () => await cache.SetAsync(name, 1, cancellationToken: Token));
        await IsProblem("key", rule, async () => await cache.RemoveAsync(name, Token));
        await IsProblem("key", rule, async () => await cache.ExpireAsync(name, TimeSpan.FromSeconds(1), Token));
        await IsProblem("key", rule, async () => await cache.IncrementAsync(name, cancellationToken: Token));
        await IsProblem("key", rule, async () => await cache.GetOrCreateAsync(name, 0, static (_, _) => new ValueTask<int>(1), cancellationToken: Token));
        await IsProblem("keys", rule, async () => await cache.GetManyAsync<int>([name], Token));
        await IsProblem("keys", rule, async () => await cache.SetManyAsync(new Dictionary<string, int> { [name] = 1 }, cancellationToken: Token));
        await IsProblem("tag", rule, async () => await cache.InvalidateTagAsync(name, Token));
        await IsProblem("prefix", rule, async () => await cache.InvalidatePrefixAsync(name, Token));
        await IsProblem("tags[1]", rule, async () => await cache.SetAsync("k", 1, new() { Tags = ["fine", name] }, cancellationToken: Token));
        await IsProblem("tenant", rule, () => Task.FromResult(host.Engine.For(name)));
        Assert.Empty(host.Space.Entries);
    }

    public static TheoryData<string, string, CacheEntryOptions> BrokenOptions => new()
    {
        { "ttl", "above-zero", new() { TimeToLive = TimeSpan.Zero } },
        { "ttl", "above-zero", new() { TimeToLive = TimeSpan.FromSeconds(-1) } },
        { "ttl", "longest", new() { TimeToLive = TimeSpan.FromDays(36_500) } },
        { "ttl", "longest", new() { TimeToLive = TimeSpan.MaxValue } },
        { "sliding", "above-zero", new() { Sliding = TimeSpan.Zero } },
        { "serveStaleFor", "above-zero", new() { ServeStaleFor = TimeSpan.FromSeconds(-1) } },
        { "factoryTimeout", "longest", new() { FactoryTimeout = TimeSpan.MaxValue } },
        { "jitter", "between-0-and-1", new() { Jitter = 1.1 } },
        { "jitter", "between-0-and-1", new() { Jitter = double.NaN } },
        { "size", "not-negative", new() { Size = -1 } },
        { "layers", "known", new() { Layers = 0 } },
        { "priority", "known", new() { Priority = (CachePriority)9 } },
        { "tags", "most", new() { Tags = [.. Enumerable.Range(0, 33).Select(i => $"{i}")] } },
        { "tags[0]", "reserved", new() { Tags = ["*"] } },
    };

    [Theory]
    [MemberData(nameof(BrokenOptions))]
    public async Task Options_that_break_a_rule_are_a_problem_that_names_it(string field, string rule, CacheEntryOptions options)
    {
        using var host = new CacheHost();
        await IsProblem(field, rule, async () => await host.Cache.SetAsync("k", 1, options, cancellationToken: Token));
        await IsProblem(field, rule, async () => await host.Cache.GetOrCreateAsync("k", 0, static (_, _) => new ValueTask<int>(1), options, Token));
    }

    [Fact]
    public async Task A_value_over_the_limit_is_a_problem_and_leaves_nothing_behind()
    {
        using var host = new CacheHost(o => o.LargestValueBytes = 10_000);
        await host.Cache.SetAsync("k", "before", cancellationToken: Token);
        await IsProblem("value", "most-bytes", async () => await host.Cache.SetAsync("k", new byte[10_001], cancellationToken: Token));
        await IsProblem("value", "most-bytes", async () => await host.Cache.SetAsync("k", new string('€', 4_000), cancellationToken: Token));
        Assert.True(await host.Cache.SetAsync("k", new byte[10_000], cancellationToken: Token));
        await IsProblem("ttl", "above-zero", async () => await host.Cache.ExpireAsync("k", TimeSpan.Zero, Token));
    }

    [Fact]
    public async Task Settings_are_checked_at_the_start_and_named()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.Sources.Clear();
        builder.Services.AddCloudStoreCache(o => o.PollMilliseconds = 1);
        using var app = builder.Build();
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(Token));
        Assert.Contains(nameof(CacheOptions.PollMilliseconds), failure.Message, StringComparison.Ordinal);
    }

    private static async Task IsProblem(string field, string rule, Func<Task> call)
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(call);
        Assert.Equal(ProblemKind.Invalid, problem.Kind);
        var error = Assert.Single(problem.Errors);
        Assert.Equal((field, rule), (error.Field, error.Rule));
        Assert.StartsWith(field.Split('[')[0][..3], error.Message.Replace("a tag", "tags", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
    }
}
