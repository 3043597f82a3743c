using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudStore.Storage.Tests.Records;

/// <summary>What a context does after its line to Postgres broke.</summary>
public sealed class BrokenLineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_statement_that_was_being_prepared_when_the_line_broke_runs_on_the_next_line()
    {
        var (owned, way) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var cut = way;
        for (int round = 0; round < 10; round++)
        {
            // The second use of a statement on one line prepares it.
            Assert.Equal(round, await AskAsync(round));
            cut.Cut();
            cut.Restore();
            Assert.Equal(round, await AskAsync(round));
            Assert.Equal(round, await AskAsync(round));
        }

        async Task<int> AskAsync(int round)
        {
            await using var scope = store.Services.CreateScopeFor(Caller.System("acme", "tester"));
            var statement = $"SELECT {round} AS \"Value\"";
            return (await scope.ServiceProvider.GetRequiredService<StoreContext>().Database.SqlQueryRaw<int>(statement).ToListAsync(Token)).Single();
        }
    }

    [Fact]
    public async Task A_health_check_reports_a_broken_line_and_is_well_on_the_next()
    {
        var (owned, way) = await TestStore.OpenByProxyAsync();
        await using var store = owned;
        using var cut = way;
        var health = store.Services.GetRequiredService<HealthCheckService>();
        await CheckAsync();
        for (int round = 0; round < 10; round++)
        {
            cut.Cut();
            cut.Restore();
            // Not tried again: the statement that is prepared at its second use on one line meets the broken one.
            await CheckAsync();
            var next = await CheckAsync();
            Assert.True(next.Status == HealthStatus.Healthy, $"round {round}: {next.Entries.Values.Single().Exception}");
        }

        Task<HealthReport> CheckAsync() => health.CheckHealthAsync(r => r.Name == nameof(PostgresContext), Token);
    }
}
