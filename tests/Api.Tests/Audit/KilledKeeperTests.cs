using System.Diagnostics;
using System.Net.Http.Json;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Transparency;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Audit;

/// <summary>The keeper and the commands as processes of their own: killed at any moment, and asked by an operator at a prompt.</summary>
public sealed class KilledKeeperTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_keeper_that_is_killed_again_and_again_leaves_a_log_that_goes_on_without_loss_or_double(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var logs = server.App.Services.GetRequiredService<AuditLogs>();
        using var done = new CancellationTokenSource();
        var writing = WriteAsync(server, done.Token);
        long size = 0;
        for (int kill = 0; kill < 5; kill++)
        {
            using var keeper = Keeper(server);
            long start = size;
            // A kill falls anywhere in a round: rounds follow one another without a pause to speak of, and none waits for this test.
            await Eventually.Async(() => (size = Size(logs)) > start + 3 + kill, Patience, $"a log of more than {start} events");
            keeper.Dispose();
        }

        await done.CancelAsync();
        await writing;
        using var last = Keeper(server);
        var ids = await IdsAsync(server);
        await Eventually.Async(() => Size(logs) == ids.Count, Patience, $"a log of {ids.Count} events, not {Size(logs)}");
        last.Dispose();
        var logged = Enumerable.Range(0, (ids.Count + 255) / 256).SelectMany(b => logs.Folder.ReadEntries(b, ids.Count)!).Select(e => AuditEntry.Read(e)!.Id);
        Assert.Equal(ids.Order(), logged.Order());
        await using var scope = server.App.Services.CreateAsyncScope();
        Assert.Empty((await scope.ServiceProvider.GetRequiredService<AuditVerifier>().VerifyAsync(Token)).Findings);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_commands_verify_prove_and_archive_and_name_the_first_event_that_was_edited(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        for (int i = 0; i < 300; i++)
        {
            (await server.Client.PostAsJsonAsync("/v1/campaigns", new { campaignId = $"c-{i}" }, Token)).EnsureSuccessStatusCode();
        }

        await server.App.Services.GetRequiredService<AuditLogKeeper>().RunOnceAsync(Token);
        var ids = await IdsAsync(server);
        var good = await CommandAsync(server, "audit", "verify");
        Assert.True(good.Exit == 0, good.Said);
        Assert.Contains("301 events in the log", good.Said, StringComparison.Ordinal);

        var file = Path.Combine(server.DataFolder, "e.tlog-proof");
        Assert.Equal(0, (await CommandAsync(server, "audit", "prove", $"{ids[7]}", "--out", file)).Exit);
        Assert.True(TlogProof.Parse(await File.ReadAllTextAsync(file, Token)).IsRight(server.App.Services.GetRequiredService<AuditLogs>().Verifier));
        var missing = await CommandAsync(server, "audit", "prove", $"{Guid.CreateVersion7()}");
        Assert.True(missing.Exit == 1 && missing.Said.Contains("There is no audit event", StringComparison.Ordinal), missing.Said);

        var archived = await CommandAsync(server, "audit", "archive", "--before", "2999-01-01");
        Assert.True(archived.Exit == 0 && archived.Said.StartsWith("256 events were moved", StringComparison.Ordinal), archived.Said);
        Assert.Equal(2, (await CommandAsync(server, "audit", "archive", "--before", "yesterday")).Exit);
        Assert.Equal(0, (await CommandAsync(server, "audit", "verify")).Exit);

        await EditAsync(server, "UPDATE audit_events SET actor = 'nobody' WHERE sequence = 290");
        var bad = await CommandAsync(server, "audit", "verify");
        Assert.Equal(1, bad.Exit);
        Assert.Contains($"Event {ids[289]}, sequence 290, log index 289: its row in the table audit_events was changed (actor).", bad.Said, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(ApiServer server, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            (await server.Client.PostAsJsonAsync("/v1/campaigns", new { campaignId = $"c-{i}" }, Token)).EnsureSuccessStatusCode();
            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }
    }

    private static long Size(AuditLogs logs) => logs.Folder.ReadCheckpoint() is { } note && Checkpoint.Open(note, logs.Verifier) is { } checkpoint ? checkpoint.Size : 0;

    private static async Task<List<Guid>> IdsAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Set<AuditEvent>().AsNoTracking().OrderBy(e => e.Sequence).Select(e => e.Id).ToListAsync(Token);
    }

    private static async Task EditAsync(ApiServer server, string sql)
    {
        await using System.Data.Common.DbConnection connection = server.ConnectionString is { } postgres
            ? new Npgsql.NpgsqlConnection(postgres + ";Pooling=false")
            : new SqliteConnection($"Data Source={Path.Combine(server.DataFolder, "records.db")};Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Token));
    }

    private static KeeperProcess Keeper(ApiServer server) => new(Start(server, ["serve", "--urls", "http://127.0.0.1:0"]));

    // Ended by SIGKILL, whatever becomes of the test.
    private sealed class KeeperProcess : IDisposable
    {
        private readonly Process _process;

        public KeeperProcess(Process process)
        {
            _process = process;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }
    }

    private static async Task<(int Exit, string Said)> CommandAsync(ApiServer server, params string[] arguments)
    {
        using var process = Start(server, arguments);
        var errors = process.StandardError.ReadToEndAsync(Token);
        var said = await process.StandardOutput.ReadToEndAsync(Token) + await errors;
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, said);
    }

    private static Process Start(ApiServer server, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(StoreContext).Assembly.Location, .. arguments]) { WorkingDirectory = server.DataFolder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Data__Root"] = server.DataFolder;
        start.Environment["ConnectionStrings__records"] = server.ConnectionString ?? "";
        start.Environment["Audit__IntervalMilliseconds"] = "10";
        return Process.Start(start)!;
    }
}
