using System.CommandLine;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Exports;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Spectre.Console;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>export SOURCE FILE</c>: writes records into a file that is there whole or not at all, with a progress bar where the output is a terminal.</summary>
internal static class ExportCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var source = new Argument<string>("SOURCE") { Description = "What to write, e.g. campaigns." };
        var file = new Argument<FileInfo>("FILE") { Description = "Where to; a file that is there is replaced." };
        var tenant = new Option<string>("--tenant") { Description = "Whose records.", DefaultValueFactory = _ => AccessKeys.DefaultTenant };
        var format = new Option<string?>("--format") { Description = "csv or jsonl; by the file's name where it is left out." };
        var compress = new Option<string?>("--compress") { Description = "gzip or none; by the file's name where it is left out." };
        var columns = new Option<string?>("--columns") { Description = "Columns in their order, e.g. campaignId,spend; all where it is left out." };
        var encrypt = new Option<string?>("--encrypt") { Description = "Columns to encrypt, e.g. fernet:mrp,sellingPrice; the key is the first of Protection:FernetKeys." };
        var formulas = new Option<string?>("--formula-prefix") { Description = "false leaves out the apostrophe in front of text that a spreadsheet would take for a formula." };
        var filter = new Option<string[]>("--filter") { Description = "A filter as in GET /v1/exports/SOURCE, e.g. platform=meta; may be given several times." };
        var command = new Command("export", "Write records into a file.") { source, file, tenant, format, compress, columns, encrypt, formulas, filter };
        command.SetAction((parsed, cancellationToken) =>
        {
            var target = parsed.GetRequiredValue(file);
            bool packed = target.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            bool lines = (packed ? Path.GetFileNameWithoutExtension(target.Name) : target.Name).EndsWith("jsonl", StringComparison.OrdinalIgnoreCase);
            var query = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in (parsed.GetValue(filter) ?? []).Select(Pair))
            {
                query[name] = StringValues.Concat(query.GetValueOrDefault(name), value);
            }

            query["format"] = parsed.GetValue(format) ?? (lines ? "jsonl" : "csv");
            query["compress"] = parsed.GetValue(compress) ?? (packed ? "gzip" : "none");
            query["columns"] = parsed.GetValue(columns);
            query["encrypt"] = parsed.GetValue(encrypt);
            query["formulaPrefix"] = parsed.GetValue(formulas);
            return RunAsync(parsed.GetRequiredValue(source), target, parsed.GetRequiredValue(tenant), new QueryCollection(query), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(string source, FileInfo file, string tenant, QueryCollection query, CancellationToken cancellationToken)
    {
        using var host = CommandHost.Build();
        await using var scope = host.Services.CreateScopeFor(Caller.System(tenant, "cli"));
        var exports = scope.ServiceProvider.GetRequiredService<ExportRunner>();
        var plan = exports.Plan(source, query);
        await StoreStartup.ReadKeysAsync(scope.ServiceProvider, cancellationToken);
        var summary = AnsiConsole.Profile.Out.IsTerminal
            ? await WithBarAsync(exports, plan, file, cancellationToken)
            : await WriteAsync(exports, plan, file, null, cancellationToken);
        await Console.Out.WriteLineAsync($"{file.Name}: {summary.Rows:N0} rows, {summary.Bytes:N0} bytes, sha256 {Convert.ToHexStringLower(summary.Sha256)}");
        return 0;
    }

    private static async Task<ExportSummary> WithBarAsync(ExportRunner exports, ExportPlan plan, FileInfo file, CancellationToken cancellationToken)
    {
        long all = await exports.CountAsync(plan, cancellationToken);
        return await AnsiConsole.Progress().Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn()).StartAsync(async progress =>
        {
            var bar = progress.AddTask(plan.Source.Name, maxValue: Math.Max(1, all));
            long rows = 0;
            var writing = WriteAsync(exports, plan, file, r => Interlocked.Exchange(ref rows, r), cancellationToken);
            while (!writing.IsCompleted)
            {
                await Task.WhenAny(writing, Task.Delay(Look, cancellationToken));
                bar.Value = Interlocked.Read(ref rows);
                bar.Description = $"{Interlocked.Read(ref rows):N0} rows";
            }

            return await writing;
        });
    }

    // On a thread of its own: SQLite reads without ever waiting, and would keep the bar from moving.
    private static Task<ExportSummary> WriteAsync(ExportRunner exports, ExportPlan plan, FileInfo file, Action<long>? progress, CancellationToken cancellationToken) =>
        Task.Run(() => DurableFile.WriteAsync(file.FullName, stream => exports.RunAsync(plan, stream, progress, cancellationToken)), cancellationToken);

    private static (string Name, string Value) Pair(string filter) => filter.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (filter[..at], filter[(at + 1)..])
        : throw ProblemException.ForField(ProblemKind.Invalid, "filter", "pair", $"--filter is name=value, e.g. platform=meta; '{filter}' is none.");
}
