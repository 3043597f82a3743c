using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Operations.Commands;

/// <summary>The engine without a server, for a command that does its work and ends. Nothing but warnings is logged, so that the output is the command's own.</summary>
internal static class CommandHost
{
    public static IHost Build(Action<IHostApplicationBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder(HostArguments.Of([]));
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddHealthChecks();
        builder.AddStorage();
        configure?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>Runs a command while keeper and store work beside it, which are stopped before the engine is taken apart, however the command ended.</summary>
    public static async Task<int> RunStartedAsync(Func<IServiceProvider, Task<int>> run, CancellationToken cancellationToken)
    {
        using var host = Build(b => b.AddKeeper());
        await host.StartAsync(cancellationToken);
        try
        {
            return await run(host.Services);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }
}
