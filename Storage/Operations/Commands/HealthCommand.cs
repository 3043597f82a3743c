using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>health</c>: asks every store that is configured and says how it is.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var command = new Command("health", "Ask every store how it is. Ends with 1 where one is not healthy.");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var host = CommandHost.Build();
            var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(cancellationToken);
            foreach (var (name, entry) in report.Entries)
            {
                var why = entry.Exception?.Message ?? entry.Description;
                await Console.Out.WriteLineAsync($"{name,-12} {entry.Status,-10} {entry.Duration.TotalMilliseconds,8:0.0} ms  {why}");
            }

            return report.Status == HealthStatus.Healthy ? 0 : 1;
        });
        return command;
    }
}
