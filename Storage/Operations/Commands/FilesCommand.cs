using System.CommandLine;
using System.Text.Json.Nodes;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>files</c>: what operators do with stored files.</summary>
internal static class FilesCommand
{
    public static Command Create() => new("files", "Look after stored files.") { Analyze(), Keep(), Key() };

    private static Option<string> Tenant() => new("--tenant") { Description = "Whose files.", DefaultValueFactory = _ => AccessKeys.DefaultTenant };

    private static Command Analyze()
    {
        var tenant = Tenant();
        var most = new Option<int>("--most") { Description = "Files to look at, the largest first.", DefaultValueFactory = _ => 1000 };
        var command = new Command("analyze", "Estimate from samples what another compression would save. Nothing is changed.") { tenant, most };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(tenant)!, async services =>
        {
            var savings = await services.GetRequiredService<FileAnalysis>().RunAsync(parsed.GetValue(most), cancellationToken);
            await Console.Out.WriteLineAsync(savings.Count == 0 ? "There are no files." : $"{"type",-40} {"files",8} {"stored",16} {"best",8} {"would be",16} {"saved",7}");
            foreach (var saving in savings)
            {
                await Console.Out.WriteLineAsync(
                    $"{saving.Type,-40} {saving.Files,8} {saving.StoredBytes,16:N0} {saving.Codec.ToString().ToLowerInvariant(),8} {saving.Bytes,16:N0} {(saving.StoredBytes == 0 ? 0 : 100.0 * saving.Saved / saving.StoredBytes),6:0.0}%");
            }
        }, cancellationToken));
        return command;
    }

    private static Command Keep()
    {
        var command = new Command("keep", "Do at once what the keeper does every hour: remove what is over, what nobody names and what was given up; read again what is due.");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var host = CommandHost.Build();
            await using var scope = host.Services.CreateAsyncScope();
            await StoreStartup.ReadKeysAsync(scope.ServiceProvider, cancellationToken);
            var round = await scope.ServiceProvider.GetRequiredService<FileKeeper>().RunAsync(cancellationToken);
            await Console.Out.WriteLineAsync($"{round.Removed} files removed, {round.Orphans} contents without a file, {round.Uploads} uploads given up, {round.Verified} contents read, {round.Damaged} damaged, {round.Missing} missing");
            return round.Damaged + round.Missing == 0 ? 0 : 1;
        });
        return command;
    }

    private static Command Key()
    {
        var id = new Argument<Guid>("file") { Description = "The file's id." };
        var tenant = Tenant();
        var command = new Command("key", "Print a file's key, and what else docs/files_decrypt.py needs to read its content without CloudStore. It is in the audit that you did.") { id, tenant };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(tenant)!, async services =>
        {
            var file = await services.GetRequiredService<RecordStore<StoredFile>>().FindAsync(parsed.GetValue(id), cancellationToken);
            await services.GetRequiredService<AuditTrail>().NoteAsync(new AuditNote(AuditAction.Key, StoredFile.Table, file.Id, Details: new JsonObject { ["operation"] = "export" }), cancellationToken);
            await Console.Out.WriteLineAsync($"{Convert.ToHexStringLower(file.ContentKey!)} {file.Tenant} {file.Id} {file.ContentVersion} {file.Codec.ToString().ToLowerInvariant()}");
            await Console.Error.WriteLineAsync($"Its content is {file.Content} in the backend {file.Backend}.");
        }, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string tenant, Func<IServiceProvider, Task> work, CancellationToken cancellationToken)
    {
        using var host = CommandHost.Build();
        await using (var start = host.Services.CreateAsyncScope())
        {
            await StoreStartup.ReadKeysAsync(start.ServiceProvider, cancellationToken);
        }

        await using var scope = host.Services.CreateScopeFor(Caller.System(tenant, "cli"));
        await work(scope.ServiceProvider);
        return 0;
    }
}
