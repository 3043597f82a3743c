using System.CommandLine;
using CloudStore.Storage.Cache.Changes;
using CloudStore.Storage.Operations.Lifecycle;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>retention</c> and <c>erase</c>: what must go.</summary>
internal static class LifecycleCommands
{
    public static Command Retention()
    {
        var command = new Command("retention", "Archive and remove the records whose time is over (settings Retention:Days:TABLE and Retention:DeletedDays); the keeper does so every hour.");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var host = CommandHost.Build();
            await using var scope = host.Services.CreateAsyncScope();
            await StoreStartup.ReadKeysAsync(scope.ServiceProvider, cancellationToken);
            var removed = await scope.ServiceProvider.GetRequiredService<Retention>().RunAsync(cancellationToken);
            await host.Services.GetRequiredService<RecordChanges>().FlushAllAsync();
            await Console.Out.WriteLineAsync(removed.Count == 0 ? "Nothing was due." : string.Join(Environment.NewLine, removed.Select(r => $"{r.Key}: {r.Value} rows")));
            return 0;
        });
        return command;
    }

    public static Command Erase()
    {
        var tenant = new Option<string>("--tenant") { Description = "Whose data.", Required = true };
        var subject = new Option<string?>("--subject") { Description = "One person of the tenant; all the tenant has where it is left out." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = new Command("erase", "Remove all there is of a person or a tenant for good: rows, archive, spool, keys.") { tenant, subject, yes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (whose, whom) = (parsed.GetValue(tenant)!, parsed.GetValue(subject));
            if (!parsed.GetValue(yes) && !await ConfirmAsync(whose, whom, cancellationToken))
            {
                await Console.Error.WriteLineAsync("Nothing was erased.");
                return 1;
            }

            using var host = CommandHost.Build();
            await using var scope = host.Services.CreateAsyncScope();
            await StoreStartup.ReadKeysAsync(scope.ServiceProvider, cancellationToken);
            var erased = await scope.ServiceProvider.GetRequiredService<Erasure>().RunAsync(whose, whom, "cli", cancellationToken);
            await host.Services.GetRequiredService<RecordChanges>().FlushAllAsync();
            foreach (var (table, rows) in erased.Rows)
            {
                await Console.Out.WriteLineAsync($"{table}: {rows} rows");
            }

            await Console.Out.WriteLineAsync($"{erased.Archived} archived rows, {erased.Spooled} spooled writes, {erased.Keys} keys");
            return 0;
        });
        return command;
    }

    // The name is typed again: it is the last moment at which the data is there.
    private static async Task<bool> ConfirmAsync(string tenant, string? subject, CancellationToken cancellationToken)
    {
        await Console.Error.WriteAsync($"This removes all data of {(subject is null ? $"the tenant '{tenant}'" : $"'{subject}' in the tenant '{tenant}'")} for good. Type {subject ?? tenant} to go on: ");
        return await Console.In.ReadLineAsync(cancellationToken) == (subject ?? tenant);
    }
}
