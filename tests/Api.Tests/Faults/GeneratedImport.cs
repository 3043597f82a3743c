using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace CloudStore.Api.Tests.Faults;

/// <summary>A file of campaigns with a platform of its own, sent to a server, and what must be there when it is loaded.</summary>
internal sealed class GeneratedImport
{
    private readonly ApiServer _server;
    private readonly int _file;
    private readonly int _rows;
    private readonly string _id;
    private readonly decimal _spend;

    private GeneratedImport(ApiServer server, int file, int rows, string id, decimal spend) => (_server, _file, _rows, _id, _spend) = (server, file, rows, id, spend);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<GeneratedImport> SendAsync(ApiServer server, int file, int rows)
    {
        var csv = new StringBuilder("campaignId,platform,spend,impressions,clicks,date\n");
        decimal spend = 0;
        for (int i = 0; i < rows; i++)
        {
            decimal cost = i * 31 % 10_007 / 100m;
            spend += cost;
            csv.Append(CultureInfo.InvariantCulture, $"c-{file}-{i},p{file},{cost},{i + 10},{i % 10},2026-01-{1 + i % 28:00}\n");
        }

        using var answer = await server.Client.PostAsync("/v1/imports?target=campaigns", new ByteArrayContent(Encoding.UTF8.GetBytes(csv.ToString())), Token);
        var job = await Expect.JsonAsync(answer, 202);
        return new GeneratedImport(server, file, rows, job.GetProperty("id").GetString()!, spend);
    }

    public string Id => _id;

    public async Task<string?> StatusAsync() => (await GetAsync()).GetProperty("status").GetString();

    public async Task<long> RowsReadAsync() => (await GetAsync()).GetProperty("rowsRead").GetInt64();

    public async Task<bool> IsOverAsync() => IsOver(await GetAsync());

    /// <summary>Waits until that many rows are committed, or the job is over.</summary>
    public Task GetFurtherAsync(long rows) => WaitAsync(j => j.GetProperty("rowsRead").GetInt64() >= rows || IsOver(j));

    public Task EndAsync() => WaitAsync(IsOver);

    /// <summary>Every row is there once, with its values, and the job's counters say so.</summary>
    public async Task AssertLoadedAsync()
    {
        var end = await GetAsync();
        Assert.Equal("succeeded", end.GetProperty("status").GetString());
        Assert.Equal((_rows, _rows, 0, 0, 0), (Count(end, "rowsRead"), Count(end, "rowsLoaded"), Count(end, "rowsUpdated"), Count(end, "rowsSkipped"), Count(end, "rowsRejected")));
        var metrics = await _server.Client.GetFromJsonAsync<JsonElement>($"/v1/campaigns/metrics?groupBy=platform&platform=p{_file}", Token);
        var total = metrics.GetProperty("total");
        Assert.Equal((_rows, _rows, _spend), (Count(total, "rows"), Count(total, "campaigns"), total.GetProperty("spend").GetDecimal()));
        Assert.Equal(Enumerable.Range(0, _rows).Sum(i => i + 10L), total.GetProperty("impressions").GetInt64());
        Assert.Equal(Enumerable.Range(0, _rows).Sum(i => i % 10L), total.GetProperty("clicks").GetInt64());
    }

    private static bool IsOver(JsonElement job) => job.GetProperty("status").GetString() is "succeeded" or "failed" or "cancelled";

    private static int Count(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private Task<JsonElement> GetAsync() => _server.Client.GetFromJsonAsync<JsonElement>($"/v1/imports/{_id}", Token);

    private Task WaitAsync(Func<JsonElement, bool> condition) =>
        TestKit.Eventually.Async(async () => condition(await GetAsync()), TimeSpan.FromMinutes(3), $"import {_id} to get further");
}
