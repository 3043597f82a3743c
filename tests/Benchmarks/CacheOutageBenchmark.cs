using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CloudStore.Benchmarks;

/// <summary>
/// <c>GET /v1/campaigns/metrics</c> over 32 connections and two server processes while their redis-server is killed and started again every five seconds, and one of the two is
/// written to: what failed, how old answers were, and how long they took before, during and after.
/// </summary>
internal static class CacheOutageBenchmark
{
    private const int Preloaded = 10_000;
    private const int Rounds = 12;
    private const string Path = "/v1/campaigns/metrics?groupBy=platform";

    // What is promised while Redis answers: writes are gathered for 10 ms, then within 100.
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(110);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(500);
    private static volatile string _phase = "";

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        await using var redis = new KilledRedis();
        await redis.StartAsync();
        await using var database = await Database.CreateAsync();
        var settings = new Dictionary<string, string> { ["ConnectionStrings__cache"] = redis.ConnectionString };
        await using var first = await ServerProcess.StartAsync(database.ConnectionString, settings: settings);
        await using var second = await ServerProcess.StartAsync(database.ConnectionString, settings: settings, key: first.Key);
        CampaignRows.WriteCsv(folder.File("rows.csv"), Preloaded);
        await ImportBenchmark.ImportAsync(first, folder.File("rows.csv"), Preloaded);
        await database.ExecuteAsync("VACUUM ANALYZE campaigns");

        var history = new ReadHistory();
        using var over = new CancellationTokenSource();
        decimal start = await ReadAsync(first);
        history.Acknowledged(start);
        _phase = "warming up";
        List<Task> working = [WriteAsync(first, history, start, over.Token), .. Enumerable.Range(0, Wrk.Connections).Select(i => LoadAsync(i % 2 == 0 ? first : second, i % 2, history, over.Token))];
        await Task.Delay(TimeSpan.FromSeconds(3));
        var (before, during, after) = await PhasesAsync(options, redis);
        _phase = "over";
        await over.CancelAsync();
        await Task.WhenAll(working);
        Add(table, "before", before, history);
        Add(table, "during", during, history);
        Add(table, "after", after, history);
    }

    private static async Task<(double Before, double During, double After)> PhasesAsync(BenchmarkOptions options, KilledRedis redis)
    {
        double before = await PhaseAsync("before", () => Task.Delay(TimeSpan.FromSeconds(options.Seconds)));
        double during = await PhaseAsync("during", async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                redis.Kill();
                await Task.Delay(Away);
                await redis.StartAsync();
                await Task.Delay(Round - Away);
            }
        });
        double after = await PhaseAsync("after", () => Task.Delay(TimeSpan.FromSeconds(options.Seconds)));
        return (before, during, after);
    }

    private static async Task<double> PhaseAsync(string name, Func<Task> run)
    {
        _phase = name;
        var started = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // One campaign of a platform of its own, whose spend rises by one with each write.
    private static async Task WriteAsync(ServerProcess server, ReadHistory history, decimal total, CancellationToken over)
    {
        using var created = await server.Client.PostAsync("/v1/campaigns", Json("""{"campaignId":"rising","platform":"rising","spend":0}"""), CancellationToken.None);
        var id = JsonDocument.Parse(await created.Content.ReadAsStringAsync(CancellationToken.None)).RootElement.GetProperty("id").GetString();
        for (int spend = 1; !over.IsCancellationRequested; spend++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/campaigns/{id}") { Content = Json($$"""{"spend":{{spend}}}""") };
            using var answer = await server.Client.SendAsync(request, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
            history.Acknowledged(total + spend);
            await Task.Delay(BetweenWrites, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task LoadAsync(ServerProcess server, int number, ReadHistory history, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var phase = _phase;
            long began = Stopwatch.GetTimestamp();
            decimal? value = null;
            try
            {
                value = await ReadAsync(server);
            }
            catch (HttpRequestException)
            {
                // Counted as failed.
            }

            history.Add(new ReadHistory.Read(phase, number, began, Stopwatch.GetTimestamp(), value));
        }
    }

    private static async Task<decimal> ReadAsync(ServerProcess server)
    {
        using var answer = await server.Client.GetAsync(Path);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        using var json = await JsonDocument.ParseAsync(body);
        return json.RootElement.GetProperty("groups").EnumerateArray().Sum(g => g.GetProperty("spend").GetDecimal());
    }

    private static void Add(ResultTable table, string phase, double seconds, ReadHistory history)
    {
        var f = history.Of(phase, Bound);
        table.Add($"metrics {phase}", f.Reads / seconds, "/s", note: string.Create(CultureInfo.InvariantCulture,
            $"{f.Failed} failed; p50 {f.P50:0.0} ms, p99 {f.P99:0.0} ms, slowest {f.Slowest:0} ms; stale by at most {f.StaleOwn:0} ms where it was written, {f.StaleOther:0} ms elsewhere; {f.Beyond} beyond {Bound.TotalMilliseconds:0} ms"));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
