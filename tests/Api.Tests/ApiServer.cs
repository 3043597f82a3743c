using System.Net.Http.Headers;
using CloudStore.Storage;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Api.Tests;

/// <summary>Which database a test runs on.</summary>
public enum Provider
{
    Sqlite,
    Postgres,
}

/// <summary>The API in this process, on a free port of the loopback address, with a data folder and a database of its own.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    /// <summary>The operator key that every server starts with, unless told otherwise.</summary>
    public const string OperatorKey = "cs_test-operator_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    private readonly TempFolder _data;
    private readonly PostgresDatabase? _postgres;
    private readonly bool _ownsStore;

    private ApiServer(WebApplication app, TempFolder data, PostgresDatabase? postgres, bool ownsStore, LogCapture log, string started)
    {
        (App, _data, _postgres, _ownsStore, Log, StartOutput) = (app, data, postgres, ownsStore, log, started);
        Address = new Uri(app.Urls.First());
        Client = ClientWith(OperatorKey);
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public LogCapture Log { get; }

    /// <summary>What the start printed for a human.</summary>
    public string StartOutput { get; }

    /// <summary>Sends the operator key.</summary>
    public HttpClient Client { get; }

    public string DataFolder => _data.FullPath;

    /// <summary>The Postgres database; null on SQLite.</summary>
    public string? ConnectionString => _postgres?.ConnectionString;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="bootstrapKey">Null for a random first key.</param>
    /// <param name="map">Maps endpoints of the test's own.</param>
    /// <param name="configure">Adds services and settings of the test's own.</param>
    /// <param name="settings">Settings of the test's own, which go before all others, made from the connection string of its Postgres.</param>
    /// <param name="sharing">A server whose database and folder are used: a second process of the same installation.</param>
    public static async Task<ApiServer> StartAsync(Provider provider, string? bootstrapKey = OperatorKey, TimeProvider? time = null,
        Action<WebApplication>? map = null, ApiServer? sharing = null, Action<WebApplicationBuilder>? configure = null, Func<string?, Dictionary<string, string?>>? settings = null)
    {
        var postgres = sharing is null && provider == Provider.Postgres ? await PostgresDatabase.CreateAsync(Token) : sharing?._postgres;
        var data = sharing?._data ?? new TempFolder();
        var log = new LogCapture();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ApplicationName = "CloudStore.Api" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Data:Root"] = data.FullPath,
            ["ConnectionStrings:records"] = postgres?.ConnectionString,
            ["Access:BootstrapKey"] = bootstrapKey,
        });
        builder.Configuration.AddInMemoryCollection(settings?.Invoke(postgres?.ConnectionString) ?? []);
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.AddServiceDefaults();
        builder.AddStorage();
        builder.AddApi();
        configure?.Invoke(builder);
        if (time is not null)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(time));
        }

        var app = builder.Build();
        app.MapApi();
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        var output = new StringWriter();
        await PrepareAsync(app.Services, output);
        await app.StartAsync(Token);
        return new ApiServer(app, data, postgres, sharing is null, log, output.ToString());
    }

    public HttpClient ClientWith(string? key)
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Makes a key straight in the store and gives its text.</summary>
    public async Task<string> MakeKeyAsync(Role role, string tenant = "default", DateTimeOffset? expiresAt = null)
    {
        await using var scope = App.Services.CreateScopeFor(Caller.System(tenant, "test"));
        return (await scope.ServiceProvider.GetRequiredService<AccessKeys>().CreateAsync(new KeyDraft($"{role} key", role, expiresAt), Token)).Text;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        if (_ownsStore)
        {
            ClearPool();
            _data.Dispose();
            await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    // Idle connections hold the file open. Only this server's: tests beside it have pools of their own.
    private void ClearPool()
    {
        using var own = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_data.FullPath, "records.db")};Default Timeout=30");
        Microsoft.Data.Sqlite.SqliteConnection.ClearPool(own);
    }

    // What the keeper does before the other services start: they wait until the schema is there.
    private static async Task PrepareAsync(IServiceProvider services, TextWriter output)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StoreMigrator>().MigrateAsync(Token);
        await services.GetRequiredService<AccessBootstrap>().RunAsync(output, Token);
    }
}
