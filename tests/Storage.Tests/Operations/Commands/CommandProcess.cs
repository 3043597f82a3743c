using System.Diagnostics;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Tests.Operations.Commands;

/// <summary>The command line, as a process of its own on a store's data.</summary>
internal static class CommandProcess
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="folder">The data's root, and the folder it runs in.</param>
    /// <param name="records">Connection string of Postgres; null for SQLite in the folder.</param>
    /// <param name="arguments">The command and its options.</param>
    /// <param name="environment">More settings, in the environment's form.</param>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string folder, string? records, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(StoreContext).Assembly.Location, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Data__Root"] = folder;
        start.Environment["ConnectionStrings__records"] = records ?? "";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output, await errors);
    }
}
