using System.CommandLine;

namespace CloudStore.Storage.Operations.Commands;

/// <summary>The operator's commands: <c>dotnet run --project Storage -- COMMAND</c>. Without a command the keeper is served.</summary>
public static class CommandLine
{
    /// <returns>0 where all went well, 1 where the command failed, 2 where it was called wrongly.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("CloudStore's keeper and operator commands. Settings come from the environment, e.g. ConnectionStrings__records and Data__Root.")
        {
            ServeCommand.Create(args),
            InitCommand.Create(),
            MigrateCommand.Create(),
            HealthCommand.Create(),
            ImportCommand.Create(),
            ExportCommand.Create(),
            LifecycleCommands.Retention(),
            LifecycleCommands.Erase(),
            KeysCommand.Create(),
            AuditCommand.Create(),
            FilesCommand.Create(),
        };
        // Host settings such as --urls, which orchestrators pass, are the web host's to read.
        if (args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) && args[0] is not ("--help" or "--version"))
        {
            return await ServeCommand.RunAsync(args);
        }

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return 2;
        }

        return await FailureMessages.GuardAsync(() => parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
    }
}
