using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.RowSecurity;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Tests.Records.RowSecurity;

/// <summary>How row-level security comes into a database, and where it cannot.</summary>
public sealed class MigrationTests
{
    // Every row that belongs to it, with the transaction that wrote it last.
    private const string Catalog = """
        SELECT (SELECT string_agg(xmin || ' ' || oid, ',' ORDER BY oid) FROM pg_policy) || ';' ||
               (SELECT string_agg(xmin || ' ' || relname || relacl::text, ',' ORDER BY oid) FROM pg_class WHERE relrowsecurity)
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_migration_changes_nothing()
    {
        await using var store = await TestStore.OpenAsync(Database.Postgres);
        var before = (string)(await store.Postgres.ScalarAsync(Catalog, Token))!;
        await using var scope = store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StoreMigrator>().MigrateAsync(Token);
        Assert.Equal(before, await store.Postgres.ScalarAsync(Catalog, Token));
    }

    [Fact]
    public async Task What_is_missing_is_put_back_and_until_then_the_schema_is_not_current()
    {
        await using var store = await TestStore.OpenAsync(Database.Postgres);
        await store.Postgres.ScalarAsync("DROP POLICY tenant ON campaigns; ALTER TABLE campaigns DISABLE ROW LEVEL SECURITY; REVOKE INSERT ON analyses FROM cloudstore_tenant", Token);
        await using var scope = store.Services.CreateAsyncScope();
        var migrator = scope.ServiceProvider.GetRequiredService<StoreMigrator>();
        Assert.False(await migrator.IsCurrentAsync(Token));
        Assert.False(store.Services.GetRequiredService<RowSecurityStatus>().InForce);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var own = store.Services.CreateAsyncScope();
            await own.ServiceProvider.GetRequiredService<StoreMigrator>().MigrateAsync(Token);
        }));
        Assert.True(await migrator.IsCurrentAsync(Token));
        Assert.True(store.Services.GetRequiredService<RowSecurityStatus>().InForce);
    }

    [Fact]
    public async Task A_login_role_that_may_not_use_the_role_works_on_the_filters_alone_until_it_may()
    {
        await using var database = await PostgresDatabase.CreateAsync(Token);
        var login = $"login_{database.Name}";
        // Whatever test comes first, the server has the role by then.
        await using (await TestStore.OpenAsync(Database.Postgres))
        {
            await database.ScalarAsync($"CREATE ROLE {login} LOGIN; ALTER DATABASE {database.Name} OWNER TO {login}; ALTER SCHEMA public OWNER TO {login}", Token);
        }

        var connection = TestServers.WithDatabase(database.ConnectionString, database.Name, login);
        var log = new List<string>();
        using (var host = Build(connection, log))
        {
            await MigrateAsync(host);
            Assert.Contains($"GRANT cloudstore_tenant TO {login};", Assert.Single(log), StringComparison.Ordinal);
            Assert.False(host.Services.GetRequiredService<RowSecurityStatus>().InForce);
            await WriteAsync(host, "acme");
            await WriteAsync(host, "globex");
            Assert.Equal((1, 2), await SeenAsync(host, "acme"));

            await database.ScalarAsync($"GRANT cloudstore_tenant TO {login}", Token);
            await MigrateAsync(host);
            Assert.Single(log);
            await WriteAsync(host, "acme");
            Assert.Equal((2, 2), await SeenAsync(host, "acme"));
            Assert.Equal((1, 1), await SeenAsync(host, "globex"));
        }

        using (var pooled = new Npgsql.NpgsqlConnection(connection))
        {
            Npgsql.NpgsqlConnection.ClearPool(pooled);
        }

        await database.ScalarAsync($"REASSIGN OWNED BY {login} TO postgres; DROP OWNED BY {login}; DROP ROLE {login}", Token);
    }

    private static IHost Build(string connection, List<string> log)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:records"] = connection,
            ["Protection:MasterKey"] = Convert.ToBase64String(new byte[32]),
        });
        builder.Services.AddSingleton(new DataOptions());
        builder.Logging.AddProvider(new Warnings(log));
        builder.AddRecords();
        builder.Services.AddCampaigns();
        return builder.Build();
    }

    private static async Task MigrateAsync(IHost host)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StoreMigrator>().MigrateAsync(Token);
    }

    private static async Task WriteAsync(IHost host, string tenant)
    {
        await using var scope = host.Services.CreateScopeFor(Caller.System(tenant, "tester"));
        await new BulkWriter<Campaign>(scope.ServiceProvider.GetRequiredService<StoreContext>()).WriteAsync([RecordStoreTests.Make($"{Guid.NewGuid()}")], ConflictMode.Update, null, Token);
    }

    // By the model's query, and by SQL without a condition.
    private static async Task<(int Filtered, int All)> SeenAsync(IHost host, string tenant)
    {
        await using var scope = host.Services.CreateScopeFor(Caller.System(tenant, "tester"));
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        return (await context.Set<Campaign>().CountAsync(Token), (await IsolationTests.KeysAsync(context)).Count);
    }

    private sealed class Warnings(List<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lock (log)
                {
                    log.Add(formatter(state, exception));
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
