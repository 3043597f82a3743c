using System.Security.Cryptography;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records;

/// <summary>Claims of Idempotency-Keys on a line that breaks.</summary>
public sealed class IdempotencyClaimTests
{
    private static readonly byte[] Hash = SHA256.HashData("request"u8);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_is_made_although_the_kept_connections_are_broken()
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        var keys = Keys(store, TimeProvider.System);
        Assert.NotNull((await ClaimAsync(keys, "before")).Claim);
        way.Cut();
        way.Restore();
        Assert.NotNull((await ClaimAsync(keys, "after")).Claim);
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_is_the_callers()
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        var keys = Keys(store, TimeProvider.System);
        way.LoseAnswer(a => a.Contains("INSERT 0 1", StringComparison.Ordinal));
        var claim = (await ClaimAsync(keys, "k")).Claim;
        Assert.False(way.IsLosing);
        Assert.NotNull(claim);
        var answer = new IdempotentAnswer(201, "text/plain", "/x/1", null, [1]);
        Assert.True(await keys.CompleteAsync(claim, answer, Token));
        Assert.Equal(201, (await ClaimAsync(keys, "k")).Answer!.Status);
    }

    [Fact]
    public async Task A_dead_claim_that_was_taken_over_without_an_answer_is_the_heirs()
    {
        var time = new ManualTime();
        var (owned, cut) = await TestStore.OpenByProxyAsync(time);
        await using var store = owned;
        using var way = cut;
        var keys = Keys(store, time);
        var dead = (await ClaimAsync(keys, "k")).Claim!;
        time.Advance(IdempotencyStore.Lease + TimeSpan.FromSeconds(1));
        way.LoseAnswer(a => a.Contains("UPDATE 1", StringComparison.Ordinal));
        var heir = (await ClaimAsync(keys, "k")).Claim;
        Assert.False(way.IsLosing);
        Assert.NotNull(heir);
        Assert.False(await keys.ReleaseAsync(dead, Token));
        Assert.True(await keys.ReleaseAsync(heir, Token));
    }

    private static IdempotencyStore Keys(TestStore store, TimeProvider time) => new(store.Services.GetRequiredService<IServiceScopeFactory>(), time);

    private static Task<IdempotencyOutcome> ClaimAsync(IdempotencyStore keys, string key) => keys.ClaimAsync("acme", key, "POST /x", Hash, Token);
}
