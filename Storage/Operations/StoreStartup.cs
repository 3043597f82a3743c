using CloudStore.Storage.Access;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations;

/// <summary>Whether this process brings the database up to date at its start, or waits until the keeper has.</summary>
/// <param name="Migrates">True for the keeper and for everything in one process.</param>
public sealed record StartupRole(bool Migrates);

/// <summary>
/// Runs before a process takes requests: makes sure that the schema is the newest and that there is an access key, and reads what all processes share.
/// </summary>
public sealed partial class StoreStartup(IServiceProvider services, StartupRole role, TimeProvider time, ILogger<StoreStartup> logger) : IHostedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var migrator = scope.ServiceProvider.GetRequiredService<StoreMigrator>();
        if (role.Migrates)
        {
            await migrator.MigrateAsync(cancellationToken);
        }
        else
        {
            await WaitForSchemaAsync(migrator, cancellationToken);
        }

        await ReadKeysAsync(scope.ServiceProvider, cancellationToken);
        if (role.Migrates)
        {
            await scope.ServiceProvider.GetRequiredService<AccessBootstrap>().RunAsync(cancellationToken: cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads the keys that every process holds, once the schema is there; also for a command that does its work without a start.</summary>
    /// <param name="services">Those of a scope without a tenant.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="OptionsValidationException">The master key is missing or wrong: nothing can be read or written without it.</exception>
    internal static async Task ReadKeysAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        services.GetRequiredService<MasterKeys>().Open();
        var context = services.GetRequiredService<StoreContext>();
        await services.GetRequiredService<CursorKeyring>().LoadAsync(context, cancellationToken);
        await services.GetRequiredService<AuditKeyring>().LoadAsync(context, cancellationToken);
        await services.GetRequiredService<ErasureKeyring>().LoadAsync(context, cancellationToken);
    }

    private async Task WaitForSchemaAsync(StoreMigrator migrator, CancellationToken cancellationToken)
    {
        bool told = false;
        while (true)
        {
            try
            {
                if (await migrator.IsCurrentAsync(cancellationToken))
                {
                    return;
                }
            }
            catch (System.Data.Common.DbException e)
            {
                Unreachable(logger, e);
            }

            if (!told)
            {
                told = true;
                Waiting(logger);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Waiting until the keeper (the Storage project) has brought the database up to date.")]
    private static partial void Waiting(ILogger logger);

    [LoggerMessage(2, LogLevel.Debug, "The database cannot be reached yet.")]
    private static partial void Unreachable(ILogger logger, Exception exception);
}
