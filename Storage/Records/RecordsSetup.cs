using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Access;
using CloudStore.Storage.Cache.Changes;
using CloudStore.Storage.Protection;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records.Direct;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.RowSecurity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CloudStore.Storage.Records;

/// <summary>Registers the records engine: Postgres where the connection string <c>records</c> is set, else a SQLite file below the data root.</summary>
public static class RecordsSetup
{
    private static readonly TimeSpan MostRetryDelay = TimeSpan.FromSeconds(1);

    public static IHostApplicationBuilder AddRecords(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RecordsOptions>().BindConfiguration(RecordsOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.MinPoolSize <= o.MaxPoolSize, "Records:MinPoolSize must not be greater than Records:MaxPoolSize.").ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddScoped<CallerScope>();
        builder.Services.AddSingleton<InsertGroups>();
        builder.Services.AddAudit();
        var options = builder.Configuration.GetSection(RecordsOptions.Section).Get<RecordsOptions>() ?? new RecordsOptions();
        var rowSecurity = new RowSecurityStatus();
        builder.Services.AddSingleton(rowSecurity);
        if (!string.IsNullOrEmpty(builder.Configuration.GetConnectionString(RecordsOptions.ConnectionName)))
        {
            var tenantSessions = new TenantSessionInterceptor(rowSecurity);
            builder.AddNpgsqlDbContext<PostgresContext>(RecordsOptions.ConnectionName,
                settings => settings.ConnectionString = WithPool(settings.ConnectionString!, options),
                o =>
                {
                    Configure(o, options);
                    // The default goes on for a minute, which no caller waits for; who is told that the store is away can come back.
                    o.UseNpgsql(npgsql => npgsql.EnableRetryOnFailure(options.Retries, MostRetryDelay, null));
                    o.AddInterceptors(KeptCommandInterceptor.Instance, tenantSessions);
                });
            builder.AddProtection(StoreDialect.Postgres, WithPool(builder.Configuration.GetConnectionString(RecordsOptions.ConnectionName)!, options));
            builder.Services.AddScoped<StoreContext>(s => Use(s, s.GetRequiredService<PostgresContext>()));
        }
        else
        {
            var file = SqliteConnectionString(builder.Configuration, options);
            builder.AddSqliteDbContext<SqliteContext>(RecordsOptions.ConnectionName, file, o => Configure(o, options));
            builder.AddProtection(StoreDialect.Sqlite, file);
            builder.Services.AddScoped<StoreContext>(s => Use(s, s.GetRequiredService<SqliteContext>()));
        }

        builder.Services.AddScoped<RowSecurityMigrator>();
        builder.Services.AddScoped<StoreMigrator>();
        builder.Services.AddSingleton<CursorKeyring>();
        builder.Services.AddSingleton<ErasureKeyring>();
        builder.Services.AddScoped(s => new Pager(s.GetRequiredService<StoreContext>(), s.GetRequiredService<CursorKeyring>().Codec));
        return builder;
    }

    /// <summary>Opens a scope that works for a caller; for everything that is not a request.</summary>
    public static AsyncServiceScope CreateScopeFor(this IServiceProvider services, Caller caller)
    {
        var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerScope>().Current = caller;
        return scope;
    }

    internal static StoreContext Use(IServiceProvider services, StoreContext context)
    {
        var caller = services.GetRequiredService<CallerScope>().Current;
        context.Use(caller?.Tenant, caller?.Actor ?? "system", services.GetRequiredService<TimeProvider>());
        context.Fields = services.GetRequiredService<FieldCipher>();
        context.Audit = services.GetRequiredService<AuditScope>();
        context.Inserts = services.GetService<InsertGroups>();
        context.Changes = services.GetService<RecordChanges>() is { } changes ? new PendingChanges(changes) : null;
        return context;
    }

    private static string WithPool(string connectionString, RecordsOptions options) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = options.MaxPoolSize,
            MinPoolSize = options.MinPoolSize,
            Timeout = options.ConnectTimeoutSeconds,
            CommandTimeout = options.CommandTimeoutSeconds,
            // The statements of a running service are few and repeat: the server plans each once for a connection.
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            // Nothing here changes a session but TenantSession, which keeps track: locks and other settings are a transaction's, a staging table is emptied
            // before use. Resetting would cost each request seven statements more.
            NoResetOnClose = true,
            ApplicationName = "cloudstore",
        }.ConnectionString;

    private static string SqliteConnectionString(IConfiguration configuration, RecordsOptions options)
    {
        var data = configuration.GetSection(DataOptions.Section).Get<DataOptions>() ?? new DataOptions();
        Directory.CreateDirectory(data.PathOf());
        var seconds = Math.Max(1, options.SqliteBusyMilliseconds / 1000);
        return $"Data Source={data.PathOf("records.db")};Default Timeout={seconds}";
    }

    internal static void Configure(DbContextOptionsBuilder context, RecordsOptions options)
    {
        context.UseQueryTrackingBehavior(QueryTrackingBehavior.TrackAll);
        // A command's text would be logged at every failure, bad input included; problems are reported once, by whoever handles them.
        context.ConfigureWarnings(w => w.Ignore(RelationalEventId.CommandError, CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, CoreEventId.OptimisticConcurrencyException)
            .Log((RelationalEventId.CommandExecuted, LogLevel.Debug)));
        context.AddInterceptors(new SlowQueryInterceptor(TimeSpan.FromMilliseconds(options.SlowQueryMilliseconds)), OpeningInterceptor.Instance, QueryGuard.Instance, CommitInterceptor.Instance);
    }
}
