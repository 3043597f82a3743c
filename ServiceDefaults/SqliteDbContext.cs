using System.Diagnostics.CodeAnalysis;
using CloudStore.ServiceDefaults.Health;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a context on SQLite, the counterpart of AddNpgsqlDbContext for a service that runs on one machine.</summary>
public static class SqliteDbContext
{
    private const DynamicallyAccessedMemberTypes UsedByEf =
        DynamicallyAccessedMemberTypes.PublicConstructors
        | DynamicallyAccessedMemberTypes.NonPublicConstructors
        | DynamicallyAccessedMemberTypes.PublicProperties;

    /// <summary>Adds a pooled context and its health check.</summary>
    /// <param name="connectionName">The store's name, which is the health check's name too.</param>
    /// <param name="connectionString">For example <c>Data Source=data/records.db</c>.</param>
    /// <param name="configureDbContextOptions">Changes the context's options after UseSqlite.</param>
    public static void AddSqliteDbContext<[DynamicallyAccessedMembers(UsedByEf)] TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        string connectionString,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        ArgumentException.ThrowIfNullOrEmpty(connectionString);

        builder.Services.AddDbContextPool<TContext>(options =>
        {
            options.UseSqlite(connectionString);
            configureDbContextOptions?.Invoke(options);
        });

        // The schema's version stands in the file's header: reading it fails on a file that is no database, which SELECT 1 would not notice.
        builder.TryAddDbContextCheck<TContext>(connectionName, "PRAGMA schema_version");
    }
}
