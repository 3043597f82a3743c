using System.Data.Common;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Direct;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Storage.Tests.Records.Direct;

/// <summary>Records that are added at the same time share a transaction, and nothing else.</summary>
public sealed class InsertGroupTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Each_of_many_at_once_is_stored_once_with_its_event(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var made = await WhileBlockedAsync(store, Enumerable.Range(0, 101).Select(i => $"k{i}"), Token);
        Assert.All(made, m => Assert.Null(m.Exception));
        var context = store.Get<StoreContext>();
        var ids = await context.Set<Campaign>().Select(c => c.Id).ToListAsync(Token);
        var events = await context.Set<AuditEvent>().Where(e => e.Action == AuditAction.Create && e.Tenant == "acme").Select(e => e.RecordId!.Value).ToListAsync(Token);
        Assert.Equal(101, ids.Distinct().Count());
        Assert.Equal(ids.Order(), events.Order());
        if (database == Database.Postgres)
        {
            // The one that went first, then the two halves of a hundred: at most 64 share one.
            Assert.Equal(3L, await store.Postgres.ScalarAsync("SELECT count(DISTINCT xmin::text) FROM campaigns", Token));
        }
    }

    [Theory]
    [EachDatabase]
    public async Task A_record_whose_key_is_taken_fails_alone(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await store.Get<RecordStore<Campaign>>().CreateAsync(Campaign("taken"), Token);
        var made = await WhileBlockedAsync(store, [.. Enumerable.Range(0, 20).Select(i => $"k{i}"), "taken", "twice", "twice"], Token);
        var failed = made.Where(m => m.Exception is not null).ToList();
        Assert.Equal(["taken", "twice"], failed.Select(m => m.Key).Order());
        Assert.All(failed, f => Assert.Equal(ProblemKind.Conflict, Assert.IsType<ProblemException>(f.Exception).Kind));
        var context = store.Get<StoreContext>();
        Assert.Equal(22, await context.Set<Campaign>().CountAsync(Token));
        Assert.Equal(22, await context.Set<AuditEvent>().CountAsync(e => e.Action == AuditAction.Create && e.Tenant == "acme", Token));
    }

    [Theory]
    [EachDatabase]
    public async Task One_that_is_given_up_while_it_waits_is_not_stored_and_holds_up_nobody(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        using var gone = new CancellationTokenSource();
        var group = store.Services.GetRequiredService<InsertGroups>().For<Campaign>("acme");
        List<Task<(string Key, Exception? Exception)>> others;
        Task<(string Key, Exception? Exception)> given;
        await using (await BlockAsync(store))
        {
            others = [.. Enumerable.Range(0, 5).Select(i => CreateAsync(store, $"k{i}", Token))];
            await WaitingAsync(group, 4);
            given = CreateAsync(store, "given up", gone.Token);
            await WaitingAsync(group, 5);
            await gone.CancelAsync();
            Assert.IsType<TaskCanceledException>((await given).Exception);
        }

        Assert.All(await Task.WhenAll(others), o => Assert.Null(o.Exception));
        Assert.Equal(["k0", "k1", "k2", "k3", "k4"], await store.Get<StoreContext>().Set<Campaign>().Select(c => c.NaturalKey).Order().ToListAsync(Token));
    }

    [Fact]
    public async Task A_group_whose_answer_was_lost_is_there_once_and_nobody_is_told_otherwise()
    {
        var (owned, cut) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        way.LoseAnswer(a => a.IndexOf("INSERT 0 1", StringComparison.Ordinal) != a.LastIndexOf("INSERT 0 1", StringComparison.Ordinal));
        var made = await WhileBlockedAsync(store, Enumerable.Range(0, 20).Select(i => $"k{i}"), Token);
        Assert.False(way.IsLosing);
        Assert.All(made, m => Assert.Null(m.Exception));
        var context = store.Get<StoreContext>();
        Assert.Equal(20, await context.Set<Campaign>().CountAsync(Token));
        Assert.Equal(20, await context.Set<AuditEvent>().CountAsync(e => e.Action == AuditAction.Create && e.Tenant == "acme", Token));
    }

    [Theory]
    [EachDatabase]
    public async Task Records_of_two_tenants_share_none(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var made = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CreateAsync(store, $"k{i / 2}", Token, i % 2 == 0 ? "acme" : "other")));
        Assert.All(made, m => Assert.Null(m.Exception));
        Assert.Equal(20, await store.Get<StoreContext>("acme").Set<Campaign>().CountAsync(Token));
        Assert.Equal(20, await store.Get<StoreContext>("other").Set<Campaign>().CountAsync(Token));
    }

    // The first is held up by the block, and the others wait for it.
    private static async Task<(string Key, Exception? Exception)[]> WhileBlockedAsync(TestStore store, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var group = store.Services.GetRequiredService<InsertGroups>().For<Campaign>("acme");
        List<Task<(string Key, Exception? Exception)>> made;
        await using (await BlockAsync(store))
        {
            made = [.. keys.Select(k => CreateAsync(store, k, cancellationToken))];
            await WaitingAsync(group, made.Count - 1);
        }

        return await Task.WhenAll(made);
    }

    private static Task<(string Key, Exception? Exception)> CreateAsync(TestStore store, string key, CancellationToken cancellationToken, string tenant = "acme")
    {
        var records = store.Get<RecordStore<Campaign>>(tenant);
        return Task.Run<(string Key, Exception? Exception)>(async () =>
        {
            try
            {
                await records.CreateAsync(Campaign(key), cancellationToken);
                return (key, null);
            }
            catch (Exception e)
            {
                return (key, e);
            }
        }, Token);
    }

    private static Campaign Campaign(string key) => new() { NaturalKey = key, CampaignId = key, CampaignName = key, Platform = "meta", Channel = "social" };

    private static Task WaitingAsync(InsertGroup<Campaign> group, int count) => Eventually.Async(() => group.Waiting == count, TimeSpan.FromMinutes(1), $"{count} records to wait");

    private static async Task<IAsyncDisposable> BlockAsync(TestStore store)
    {
        var context = store.Get<StoreContext>("blocker");
        if (context.Dialect == StoreDialect.Sqlite)
        {
            // Nobody else writes until it ends.
            return await context.Database.BeginTransactionAsync(Token);
        }

        var connection = new NpgsqlConnection(store.Postgres.ConnectionString);
        await connection.OpenAsync(Token);
        await using DbCommand command = new NpgsqlCommand("BEGIN; LOCK TABLE campaigns IN EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync(Token);
        // Closing it rolls back.
        return connection;
    }
}
