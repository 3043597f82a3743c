using System.CommandLine;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>migrate</c>: brings the database to the newest schema.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var command = new Command("migrate", "Bring the database to the newest schema.");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var host = CommandHost.Build();
            await using var scope = host.Services.CreateAsyncScope();
            var applied = await scope.ServiceProvider.GetRequiredService<StoreMigrator>().MigrateAsync(cancellationToken);
            await Console.Out.WriteLineAsync(applied.Count == 0 ? "The schema is the newest." : $"Applied: {string.Join(", ", applied)}");
            return 0;
        });
        return command;
    }
}
