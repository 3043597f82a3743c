using System.Diagnostics;
using CloudStore.Storage;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Benchmarks;

/// <summary>
/// What the audit costs: the same import, and the same creates, with and without events, in turn in one process. Without them the context is told of no audit, which
/// only this program does.
/// </summary>
internal static class AuditBenchmark
{
    private const int Creates = 3_000;

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        var file = folder.File("rows.csv");
        CampaignRows.WriteCsv(file, options.Rows);
        if (Database.IsThere)
        {
            await using var database = await Database.CreateAsync();
            await CompareAsync(options, table, file, folder.File("postgres"), "Postgres", database.ConnectionString);
        }

        await CompareAsync(options, table, file, folder.File("sqlite"), "SQLite", null);
    }

    private static async Task CompareAsync(BenchmarkOptions options, ResultTable table, string file, string root, string name, string? connectionString)
    {
        using var host = Build(root, connectionString);
        await host.StartAsync();
        List<double> importsWith = [], importsWithout = [], createsWith = [], createsWithout = [];
        // One run first whose figures are not kept: it compiles.
        for (int run = -1; run < options.Runs; run++)
        {
            foreach (bool audited in run % 2 == 0 ? new[] { true, false } : [false, true])
            {
                await EmptyAsync(host.Services);
                double imported = await ImportAsync(host.Services, file, options.Rows, audited);
                double created = await CreateAsync(host.Services, audited, $"{run}-{audited}");
                if (run >= 0)
                {
                    (audited ? importsWith : importsWithout).Add(imported);
                    (audited ? createsWith : createsWithout).Add(created);
                }
            }
        }

        table.Add($"{name}: import of {options.Rows:#,0} rows with audit, against the same without", ResultTable.Median(importsWith), "rows/s", ResultTable.Median(importsWithout));
        table.Add($"{name}: creates one by one with audit, against the same without", ResultTable.Median(createsWith), "/s", ResultTable.Median(createsWithout));
        await host.StopAsync();
    }

    private static async Task<double> ImportAsync(IServiceProvider services, string file, int rows, bool audited)
    {
        await using var scope = Scope(services, audited);
        var imports = scope.ServiceProvider.GetRequiredService<ImportService>();
        await using var content = File.OpenRead(file);
        var plan = imports.Plan(new ImportOptions { Target = "campaigns", Force = true });
        await imports.EnqueueAsync(plan, await imports.StageAsync(content));
        var started = Stopwatch.GetTimestamp();
        var job = (await scope.ServiceProvider.GetRequiredService<ImportQueue>().ClaimAsync())!;
        await scope.ServiceProvider.GetRequiredService<ImportRunner>().RunAsync(job, CancellationToken.None);
        return job.RowsRead == rows && job.RowsRejected == 0 ? rows / Stopwatch.GetElapsedTime(started).TotalSeconds : throw new InvalidOperationException($"{job.RowsRead} of {rows} rows were loaded.");
    }

    private static async Task<double> CreateAsync(IServiceProvider services, bool audited, string prefix)
    {
        await using var scope = Scope(services, audited);
        var records = scope.ServiceProvider.GetRequiredService<RecordStore<Campaign>>();
        var started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Creates; i++)
        {
            await records.CreateAsync(new Campaign { NaturalKey = $"{prefix}-{i}", CampaignId = $"{prefix}-{i}", CampaignName = "name", Platform = "meta", Channel = "social", Spend = i / 100m, Clicks = i });
        }

        return Creates / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static AsyncServiceScope Scope(IServiceProvider services, bool audited)
    {
        var scope = services.CreateScopeFor(Caller.System("default", "benchmark"));
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        context.Audit = audited ? context.Audit : null;
        return scope;
    }

    private static async Task EmptyAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        if (context.Dialect == StoreDialect.Postgres)
        {
            await context.Database.ExecuteSqlRawAsync("TRUNCATE campaigns");
            await context.Database.ExecuteSqlRawAsync("CHECKPOINT");
            return;
        }

        await context.Set<Campaign>().IgnoreQueryFilters().ExecuteDeleteAsync();
        await context.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private static IHost Build(string root, string? connectionString)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [$"--Data:Root={root}", $"--ConnectionStrings:records={connectionString}"] });
        builder.Logging.ClearProviders();
        builder.Services.AddHealthChecks();
        builder.AddStorage();
        builder.Services.AddCampaigns();
        builder.AddKeeper();
        return builder.Build();
    }
}
