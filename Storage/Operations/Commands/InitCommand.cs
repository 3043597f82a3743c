using System.CommandLine;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>init</c>: makes the database and the first access key, as the first start would.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var command = new Command("init", "Make the database and the first access key.");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var host = CommandHost.Build(b => b.AddKeeper());
            await host.StartAsync(cancellationToken);
            await host.StopAsync(cancellationToken);
            await Console.Out.WriteLineAsync("The store is ready.");
            return 0;
        });
        return command;
    }
}
