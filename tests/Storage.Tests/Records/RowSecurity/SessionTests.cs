using System.Diagnostics;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Storage.Tests.Records.RowSecurity;

/// <summary>Sessions that serve one tenant after another, and none.</summary>
public sealed class SessionTests
{
    private static readonly (string Name, string Value) OneConnection = ("MaxPoolSize", "1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenants_in_turn_over_one_connection_each_see_their_own_rows()
    {
        await using var store = await IsolationTests.OpenAsync(OneConnection);
        await using var scope = store.Services.CreateAsyncScope();
        var (acme, globex, all) = (store.Get<StoreContext>("acme"), store.Get<StoreContext>("globex"), scope.ServiceProvider.GetRequiredService<StoreContext>());
        int session = await SessionAsync(all);
        // Often enough that the statement is prepared, and its plan kept, before the role changes under it again.
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(["acme-1", "acme-2"], await IsolationTests.KeysAsync(acme));
            Assert.Equal(["acme-1", "acme-2"], await IsolationTests.KeysAsync(acme));
            Assert.Equal(3, (await IsolationTests.KeysAsync(all)).Count);
            Assert.Equal(["globex-1"], await IsolationTests.KeysAsync(globex));
            Assert.Equal(session, await SessionAsync(globex));
        }

        Assert.Equal(1, await all.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM pg_prepared_statements WHERE statement LIKE 'SELECT natural_key%'").SingleAsync(Token));
    }

    [Fact]
    public async Task Synchronous_work_is_bound_to_its_tenant_too()
    {
        await using var store = await IsolationTests.OpenAsync(OneConnection);
        await using var scope = store.Services.CreateAsyncScope();
        var all = scope.ServiceProvider.GetRequiredService<StoreContext>();
        Assert.Equal(2, Count(store.Get<StoreContext>("acme")));
        Assert.Equal(3, Count(all));
        Assert.Equal(1, Count(store.Get<StoreContext>("globex")));

        static int Count(StoreContext context) => context.Set<Campaign>().IgnoreQueryFilters().Count();
    }

    [Fact]
    public async Task Only_a_change_of_tenant_costs_a_statement()
    {
        await using var store = await IsolationTests.OpenAsync(OneConnection);
        var (acme, globex) = (store.Get<StoreContext>("acme"), store.Get<StoreContext>("globex"));
        await IsolationTests.KeysAsync(acme);
        Assert.Equal(1, await StatementsAsync(store, () => IsolationTests.KeysAsync(acme)));
        Assert.Equal(2, await StatementsAsync(store, () => IsolationTests.KeysAsync(globex)));
        Assert.Equal(1, await StatementsAsync(store, () => IsolationTests.KeysAsync(globex)));
    }

    [Fact]
    public async Task Connections_that_replace_ended_ones_are_bound_as_well()
    {
        await using var store = await IsolationTests.OpenAsync(("MaxPoolSize", "2"));
        await using var scope = store.Services.CreateAsyncScope();
        var (acme, all) = (store.Get<StoreContext>("acme"), scope.ServiceProvider.GetRequiredService<StoreContext>());
        for (int i = 0; i < 3; i++)
        {
            int before = await SessionAsync(acme);
            await store.Postgres.ScalarAsync($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{store.Postgres.Name}' AND pid <> pg_backend_pid()", Token);
            // What was sent over an ended connection is sent again over a new one.
            Assert.Equal(["acme-1", "acme-2"], await acme.Database.CreateExecutionStrategy().ExecuteAsync(() => IsolationTests.KeysAsync(acme)));
            Assert.NotEqual(before, await SessionAsync(acme));
            Assert.Equal(3, (await IsolationTests.KeysAsync(all)).Count);
        }
    }

    [Fact]
    public async Task After_a_switch_that_failed_the_session_is_right_again()
    {
        await using var store = await IsolationTests.OpenAsync(OneConnection);
        await using var scope = store.Services.CreateAsyncScope();
        var (broken, all) = (store.Get<StoreContext>("a\0b"), scope.ServiceProvider.GetRequiredService<StoreContext>());
        Assert.Equal(3, (await IsolationTests.KeysAsync(all)).Count);
        for (int i = 0; i < 2; i++)
        {
            // No text of Postgres holds a NUL: the server refuses the statement.
            await Assert.ThrowsAsync<PostgresException>(() => IsolationTests.KeysAsync(broken));
            Assert.Equal(System.Data.ConnectionState.Closed, broken.Database.GetDbConnection().State);
        }

        Assert.Equal(3, (await IsolationTests.KeysAsync(all)).Count);
        Assert.Equal(["globex-1"], await IsolationTests.KeysAsync(store.Get<StoreContext>("globex")));
    }

    [Fact]
    public async Task A_context_keeps_its_tenant_while_its_connection_is_open()
    {
        await using var store = await IsolationTests.OpenAsync();
        var context = store.Get<StoreContext>("acme");
        await context.Database.OpenConnectionAsync(Token);
        Assert.Throws<InvalidOperationException>(() => context.Use("globex", "tester", TimeProvider.System));
        await context.Database.CloseConnectionAsync();
        context.Use("globex", "tester", TimeProvider.System);
        Assert.Equal(["globex-1"], await IsolationTests.KeysAsync(context));
    }

    private static Task<int> SessionAsync(StoreContext context) => context.Database.SqlQuery<int>($"SELECT pg_backend_pid() AS \"Value\"").SingleAsync(Token);

    // The driver traces each statement it sends; the database's name tells them from those of tests beside this one.
    private static async Task<int> StatementsAsync(TestStore store, Func<Task> act)
    {
        int statements = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "Npgsql",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            // Tests beside this one end activities at the same moment.
            ActivityStopped = a =>
            {
                if (a.TagObjects.Any(t => t.Value as string == store.Postgres.Name) && a.GetTagItem("db.query.text") is not null)
                {
                    Interlocked.Increment(ref statements);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await act();
        return statements;
    }
}
