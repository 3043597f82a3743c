using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>serve</c>: runs as the keeper until stopped.</summary>
internal static class ServeCommand
{
    public static Command Create(string[] args)
    {
        var command = new Command("serve", "Run as the keeper: migrate, do the background work, answer health checks.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((_, _) => RunAsync([.. args.Skip(1)]));
        return command;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(HostArguments.Of(args));
        builder.AddServiceDefaults();
        builder.AddStorage();
        builder.AddKeeper();
        await using var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapOperations();
        await app.RunAsync();
        return 0;
    }
}
