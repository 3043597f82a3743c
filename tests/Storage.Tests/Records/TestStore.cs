using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Operations;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail;
using CloudStore.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Storage.Tests.Records;

/// <summary>A database of the test's own with the whole schema, and the services that work on it, registered as the product does.</summary>
public sealed class TestStore : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TempFolder _folder;
    private readonly PostgresDatabase? _postgres;
    private readonly List<AsyncServiceScope> _scopes = [];

    private TestStore(IHost host, TempFolder folder, PostgresDatabase? postgres) => (_host, _folder, _postgres) = (host, folder, postgres);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The services without a tenant.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>The Postgres database, as the superuser.</summary>
    public PostgresDatabase Postgres => _postgres ?? throw new InvalidOperationException("This store is on SQLite.");

    /// <param name="settings">Of the section Records, e.g. ("MaxPoolSize", "1").</param>
    public static Task<TestStore> OpenAsync(Database database, TimeProvider? time = null, params (string Name, string Value)[] settings) =>
        OpenAsync(database, null, time, null, settings);

    /// <summary>On Postgres, by a way that can be cut and can lose answers.</summary>
    public static async Task<(TestStore Store, TcpProxy Way)> OpenByProxyAsync(TimeProvider? time = null)
    {
        TcpProxy? way = null;
        var store = await OpenAsync(Database.Postgres, null, time, direct =>
        {
            way = TcpProxy.ToPostgres(direct, out var byTheWay);
            return byTheWay;
        });
        return (store, way!);
    }

    /// <summary>As if no other process could be there: the cache's memory never waits to hear of others, so that what is kept is found however slow the machine is.</summary>
    public static Task<TestStore> OpenAloneAsync(Database database) => OpenAsync(database, new NoSharedCache(TimeProvider.System), null, null);

    private static async Task<TestStore> OpenAsync(Database database, ISharedCache? shared, TimeProvider? time, Func<string, string>? way, params (string Name, string Value)[] settings)
    {
        var postgres = database == Database.Postgres ? await PostgresDatabase.CreateAsync(Token) : null;
        var folder = new TempFolder();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => $"Records:{s.Name}", s => (string?)s.Value));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Root"] = folder.FullPath,
            ["ConnectionStrings:records"] = postgres is not null && way is not null ? way(postgres.ConnectionString) : postgres?.ConnectionString,
        });
        builder.Services.TryAddSingleton(new DataOptions { Root = folder.FullPath });
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        if (shared is not null)
        {
            builder.Services.AddSingleton(shared);
        }

        builder.AddRecords();
        builder.Services.AddCampaigns();
        builder.Services.AddLifecycle();
        builder.Services.AddRetail();
        var store = new TestStore(builder.Build(), folder, postgres);
        await store.CreateSchemaAsync();
        return store;
    }

    /// <summary>The services for a tenant, in a scope that lives as long as the store.</summary>
    public IServiceProvider For(string tenant, string actor = "tester")
    {
        var scope = _host.Services.CreateScopeFor(Caller.System(tenant, actor));
        _scopes.Add(scope);
        return scope.ServiceProvider;
    }

    public T Get<T>(string tenant = "acme")
        where T : notnull => For(tenant).GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        foreach (var scope in _scopes)
        {
            await scope.DisposeAsync();
        }

        ClearOwnPool();
        _host.Dispose();
        _folder.Dispose();
        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    // Not all pools: other tests work on theirs at this moment.
    private void ClearOwnPool()
    {
        using var scope = _host.Services.CreateScope();
        if (scope.ServiceProvider.GetRequiredService<StoreContext>().Database.GetDbConnection() is SqliteConnection connection)
        {
            SqliteConnection.ClearPool(connection);
        }
    }

    private async Task CreateSchemaAsync()
    {
        await using var scope = _host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StoreMigrator>().MigrateAsync(Token);
        await StoreStartup.ReadKeysAsync(scope.ServiceProvider, Token);
    }
}
