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
            int code = await CommandHost.RunStartedAsync(_ => Task.FromResult(0), cancellationToken);
            await Console.Out.WriteLineAsync("The store is ready.");
            return code;
        });
        return command;
    }
}
