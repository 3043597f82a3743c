using CloudStore.Storage.Operations;
using System.Data.Common;
using CloudStore.ProtectedSample;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace CloudStore.Storage.Tests.Protection;

/// <summary>A database of the test's own with the product's tables and the sample's visits, and the services that work on it.</summary>
public sealed class ProtectedStore : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TempFolder _folder;
    private readonly PostgresDatabase? _postgres;
    private readonly bool _owns;
    private readonly List<AsyncServiceScope> _scopes = [];

    private ProtectedStore(IHost host, TempFolder folder, PostgresDatabase? postgres, bool owns) => (_host, _folder, _postgres, _owns) = (host, folder, postgres, owns);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public IServiceProvider Services => _host.Services;

    public string Folder => _folder.FullPath;

    public string? ConnectionString => _postgres?.ConnectionString;

    public KeyRing Ring => Services.GetRequiredService<KeyRing>();

    /// <param name="sharing">A store whose database is used, as by a second process; its folder as well, unless it has <paramref name="ownFolder"/>.</param>
    /// <param name="configure">Adds services of the test's own, before the product's.</param>
    /// <param name="settings">Whole names, e.g. ("Protection:Enabled", "false").</param>
    public static async Task<ProtectedStore> OpenAsync(Database database, ProtectedStore? sharing = null, TempFolder? ownFolder = null, string environment = "Production", TimeProvider? time = null,
        Action<IServiceCollection>? configure = null, params (string Name, string? Value)[] settings)
    {
        var postgres = sharing is null && database == Database.Postgres ? await PostgresDatabase.CreateAsync(Token) : sharing?._postgres;
        var folder = ownFolder ?? sharing?._folder ?? new TempFolder();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Root"] = folder.FullPath,
            ["ConnectionStrings:records"] = postgres?.ConnectionString,
            ["Protection:KeyCacheSeconds"] = "1",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => s.Value));
        builder.Services.AddSingleton(new DataOptions { Root = folder.FullPath });
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        configure?.Invoke(builder.Services);
        builder.AddRecords();
        builder.AddSample();
        var store = new ProtectedStore(builder.Build(), folder, postgres, sharing is null);
        await store.CreateSchemaAsync(sharing is null);
        return store;
    }

    /// <summary>The services for a tenant, in a scope that lives as long as the store.</summary>
    public IServiceProvider For(string tenant)
    {
        var scope = Services.CreateScopeFor(Caller.System(tenant, "tester"));
        _scopes.Add(scope);
        return scope.ServiceProvider;
    }

    public StoreContext Context(string tenant = "acme") => For(tenant).GetRequiredService<StoreContext>();

    public RecordStore<Visit> Visits(string tenant = "acme")
    {
        var context = Context(tenant);
        return new RecordStore<Visit>(context, new Pager(context, Services.GetRequiredService<CursorKeyring>().Codec));
    }

    /// <summary>Runs a statement behind the product's back.</summary>
    public async Task<object?> SqlAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using DbConnection connection = _postgres is { } postgres
            ? new NpgsqlConnection(postgres.ConnectionString)
            : new SqliteConnection($"Data Source={Path.Combine(Folder, "records.db")};Pooling=False;Default Timeout=30");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value is Guid id && _postgres is null ? id.ToByteArray(true) : value);
            command.Parameters.Add(parameter);
        }

        return await command.ExecuteScalarAsync(Token);
    }

    public async Task<byte[]> TokenAsync(Guid id, string column = "prices") => (byte[])(await SqlAsync($"SELECT {column} FROM visits WHERE id = @id", ("@id", id)))!;

    public Task SetTokenAsync(Guid id, byte[] token, string column = "prices") => SqlAsync($"UPDATE visits SET {column} = @token WHERE id = @id", ("@token", token), ("@id", id));

    public async ValueTask DisposeAsync()
    {
        foreach (var scope in _scopes)
        {
            await scope.DisposeAsync();
        }

        if (_owns && _postgres is null)
        {
            SqliteConnection.ClearPool(new SqliteConnection($"Data Source={Path.Combine(Folder, "records.db")};Default Timeout=30"));
        }

        _host.Dispose();
        if (_owns)
        {
            _folder.Dispose();
            await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task CreateSchemaAsync(bool create)
    {
        await using var scope = Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        if (create)
        {
            await context.Database.EnsureCreatedAsync(Token);
        }

        await StoreStartup.ReadKeysAsync(scope.ServiceProvider, Token);
    }
}
