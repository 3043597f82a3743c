using System.Text;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Streams;
using CloudStore.Storage.Operations;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Storage.Tests.Imports.Jobs;

/// <summary>The import engine on a database of the test's own, registered as the product does it, without a server and without workers of its own.</summary>
public sealed class ImportStore : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TempFolder _folder;
    private readonly PostgresDatabase? _postgres;

    private ImportStore(IHost host, TempFolder folder, PostgresDatabase? postgres) => (_host, _folder, _postgres) = (host, folder, postgres);

    public IServiceProvider Services => _host.Services;

    public ImportWorker Worker => Services.GetRequiredService<ImportWorker>();

    /// <summary>The Postgres database; null on SQLite.</summary>
    public string? ConnectionString => _postgres?.ConnectionString;

    /// <summary>The data root.</summary>
    public string Folder => _folder.FullPath;

    /// <summary>Where uploads are staged.</summary>
    public string StagedFolder => Path.Combine(Folder, "staged");

    public string[] Staged => Directory.Exists(StagedFolder) ? Directory.GetFiles(StagedFolder, "*", SearchOption.AllDirectories) : [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="database">Where it runs.</param>
    /// <param name="time">Null for the system's.</param>
    /// <param name="configure">Adds services of the test's own, before the product's.</param>
    /// <param name="settings">Of the section Imports, e.g. ("BatchRows", "100").</param>
    public static Task<ImportStore> OpenAsync(Database database, TimeProvider? time = null, Action<IServiceCollection>? configure = null, params (string Name, string Value)[] settings) =>
        OpenAsync(database, null, time, configure, settings);

    /// <summary>On Postgres, by a way that can be cut and can lose answers.</summary>
    public static async Task<(ImportStore Store, TcpProxy Way)> OpenByProxyAsync()
    {
        TcpProxy? way = null;
        var store = await OpenAsync(
            Database.Postgres,
            direct =>
            {
                way = TcpProxy.ToPostgres(direct, out var byTheWay);
                return byTheWay;
            },
            null,
            null);
        return (store, way!);
    }

    private static async Task<ImportStore> OpenAsync(
        Database database, Func<string, string>? way, TimeProvider? time, Action<IServiceCollection>? configure, params (string Name, string Value)[] settings)
    {
        var postgres = database == Database.Postgres ? await PostgresDatabase.CreateAsync(Token) : null;
        var folder = new TempFolder();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => $"Imports:{s.Name}", s => (string?)s.Value));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Root"] = folder.FullPath,
            ["ConnectionStrings:records"] = postgres is not null && way is not null ? way(postgres.ConnectionString) : postgres?.ConnectionString,
        });
        builder.Services.TryAddSingleton(new DataOptions { Root = folder.FullPath });
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddRecords();
        builder.Services.AddCampaigns();
        builder.Services.AddRetail();
        builder.Services.AddLifecycle();
        builder.AddImports();
        builder.Services.AddExports();
        builder.Services.AddScoped<StreamLoader>();
        builder.Services.AddSingleton<ImportWorker>();
        configure?.Invoke(builder.Services);
        var store = new ImportStore(builder.Build(), folder, postgres);
        await using var scope = store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StoreMigrator>().MigrateAsync(Token);
        await StoreStartup.ReadKeysAsync(scope.ServiceProvider, Token);
        return store;
    }

    /// <summary>Does something as a tenant, in a scope of its own.</summary>
    public async Task<TResult> AsAsync<TService, TResult>(Func<TService, Task<TResult>> act, string tenant = "acme")
        where TService : notnull
    {
        await using var scope = Services.CreateScopeFor(Caller.System(tenant, "tester"));
        return await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public Task<(ImportJob Job, bool IsNew)> EnqueueAsync(string file, ImportOptions? options = null) => EnqueueAsync(Encoding.UTF8.GetBytes(file), options);

    public Task<(ImportJob Job, bool IsNew)> EnqueueAsync(byte[] file, ImportOptions? options = null, string tenant = "acme") => AsAsync<ImportService, (ImportJob, bool)>(
        async imports =>
        {
            var plan = imports.Plan((options ?? new ImportOptions()) with { Target = options?.Target is { Length: > 0 } target ? target : "campaigns" });
            return await imports.EnqueueAsync(plan, await imports.StageAsync(new MemoryStream(file), Token), Token);
        },
        tenant);

    /// <summary>Writes an export and gives its bytes.</summary>
    /// <param name="query">The source and its parameters, e.g. <c>campaigns?format=jsonl</c>.</param>
    /// <param name="tenant">Whose.</param>
    public Task<byte[]> ExportAsync(string query, string tenant = "acme") => AsAsync<ExportRunner, byte[]>(
        async exports =>
        {
            var (source, parameters) = query.IndexOf('?', StringComparison.Ordinal) is > 0 and var at ? (query[..at], query[at..]) : (query, "");
            using var file = new MemoryStream();
            await exports.RunAsync(exports.Plan(source, new QueryCollection(QueryHelpers.ParseQuery(parameters))), file, cancellationToken: Token);
            return file.ToArray();
        },
        tenant);

    /// <summary>Works until the queue is empty.</summary>
    public async Task WorkAsync()
    {
        while (await Worker.RunNextAsync(Token))
        {
        }
    }

    public async Task<ImportJob> LoadAsync(string file, ImportOptions? options = null) => await LoadAsync(Encoding.UTF8.GetBytes(file), options);

    public async Task<ImportJob> LoadAsync(byte[] file, ImportOptions? options = null, string tenant = "acme")
    {
        var (job, _) = await EnqueueAsync(file, options, tenant);
        await WorkAsync();
        return await JobAsync(job.Id, tenant);
    }

    public Task<ImportJob> JobAsync(Guid id, string tenant = "acme") => AsAsync<ImportService, ImportJob>(i => i.GetAsync(id, Token), tenant);

    public Task<ImportJob?> ClaimAsync() => AsAsync<ImportQueue, ImportJob?>(q => q.ClaimAsync(Token));

    public Task<Campaign[]> CampaignsAsync() => AsAsync<StoreContext, Campaign[]>(c => c.Set<Campaign>().AsNoTracking().OrderBy(r => r.NaturalKey).ToArrayAsync(Token));

    public Task<int> CountAsync() => AsAsync<StoreContext, int>(c => c.Set<Campaign>().CountAsync(Token));

    public async Task<string> RejectsAsync(ImportJob job)
    {
        using var output = new MemoryStream();
        await AsAsync<RejectsWriter, int>(async w =>
        {
            await w.WriteAsync(job, output, Token);
            return 0;
        });
        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>rowsRead, rowsLoaded, rowsUpdated, rowsSkipped, rowsRejected.</summary>
    public static (long Read, long Loaded, long Updated, long Skipped, long Rejected) Counts(ImportJob job)
    {
        Assert.Equal(job.RowsRead, job.RowsLoaded + job.RowsUpdated + job.RowsSkipped + job.RowsRejected);
        return (job.RowsRead, job.RowsLoaded, job.RowsUpdated, job.RowsSkipped, job.RowsRejected);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var scope = Services.CreateAsyncScope())
        {
            // Not all pools: other tests work on theirs at this moment.
            if (scope.ServiceProvider.GetRequiredService<StoreContext>().Database.GetDbConnection() is SqliteConnection connection)
            {
                SqliteConnection.ClearPool(connection);
            }
        }

        _host.Dispose();
        _folder.Dispose();
        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
