using System.CommandLine;
using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>import FILE --target NAME</c>: loads a file in this process, with a progress bar where the output is a terminal.</summary>
internal static class ImportCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "CSV, JSON Lines or a JSON array; plain or gzip." };
        var target = new Option<string>("--target") { Description = "What to load it into, e.g. campaigns.", Required = true };
        var tenant = new Option<string>("--tenant") { Description = "Whose records they become.", DefaultValueFactory = _ => "default" };
        var options = new Option<string>("--options") { Description = "Options as in POST /v1/imports, e.g. \"map=campaignId:ad_id&onConflict=skip\".", DefaultValueFactory = _ => "" };
        var command = new Command("import", "Load a file.") { file, target, tenant, options };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetRequiredValue(file), parsed.GetRequiredValue(target), parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(options), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, string target, string tenant, string options, CancellationToken cancellationToken)
    {
        if (!file.Exists)
        {
            throw new FileNotFoundException($"There is no file {file.FullName}.");
        }

        return await CommandHost.RunStartedAsync(async services =>
        {
            var job = await EnqueueAsync(services, file, tenant, ImportQuery.Parse(target, new QueryCollection(QueryHelpers.ParseQuery(options))), cancellationToken);
            var working = WorkAsync(services, job.Id, cancellationToken);
            return await ReportAsync(await FollowAsync(services, job, working, cancellationToken));
        }, cancellationToken);
    }

    private static async Task<ImportJob> EnqueueAsync(IServiceProvider services, FileInfo file, string tenant, ImportOptions options, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(Caller.System(tenant, "cli"));
        var imports = scope.ServiceProvider.GetRequiredService<ImportService>();
        var plan = imports.Plan(options);
        await using var content = file.OpenRead();
        var (job, isNew) = await imports.EnqueueAsync(plan, await imports.StageAsync(content, cancellationToken), cancellationToken);
        if (!isNew)
        {
            await Console.Out.WriteLineAsync($"This file was loaded before, by job {job.Id}; --options force=true loads it again.");
        }

        return job;
    }

    // Other processes share the queue: jobs are worked on here until this one is over, whoever had it.
    private static async Task WorkAsync(IServiceProvider services, Guid id, CancellationToken cancellationToken)
    {
        var worker = services.GetRequiredService<ImportWorker>();
        while (await FindAsync(services, id, cancellationToken) is { Status: ImportStatus.Queued or ImportStatus.Running })
        {
            if (!await worker.RunNextAsync(cancellationToken))
            {
                await Task.Delay(Look, cancellationToken);
            }
        }
    }

    private static async Task<ImportJob> FollowAsync(IServiceProvider services, ImportJob job, Task working, CancellationToken cancellationToken)
    {
        if (AnsiConsole.Profile.Out.IsTerminal)
        {
            await AnsiConsole.Progress().Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn()).StartAsync(async progress =>
            {
                var bar = progress.AddTask(job.Target, maxValue: Math.Max(1, job.BytesTotal));
                while (!working.IsCompleted)
                {
                    await Task.WhenAny(working, Task.Delay(Look, cancellationToken));
                    job = await FindAsync(services, job.Id, cancellationToken);
                    bar.Value = job.BytesRead;
                    bar.Description = $"{job.RowsRead:N0} rows";
                }
            });
        }

        await working;
        return await FindAsync(services, job.Id, cancellationToken);
    }

    private static async Task<ImportJob> FindAsync(IServiceProvider services, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        return await ImportQueue.FindAnyTenantAsync(context, id, cancellationToken);
    }

    private static async Task<int> ReportAsync(ImportJob job)
    {
        await Console.Out.WriteLineAsync(
            $"{job.Status}: {job.RowsRead:N0} rows read, {job.RowsLoaded:N0} loaded, {job.RowsUpdated:N0} updated, {job.RowsSkipped:N0} skipped, {job.RowsRejected:N0} rejected.");
        if (job.Warning is not null)
        {
            await Console.Error.WriteLineAsync(job.Warning);
        }

        if (job.Error is not null)
        {
            using var error = JsonDocument.Parse(job.Error);
            await Console.Error.WriteLineAsync(error.RootElement.GetProperty("detail").GetString());
        }

        return job.Status == ImportStatus.Succeeded ? 0 : 1;
    }
}
