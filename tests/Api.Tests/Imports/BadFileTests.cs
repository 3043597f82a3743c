using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using CloudStore.Api.Tests.Faults;

namespace CloudStore.Api.Tests.Imports;

/// <summary>Files with faults: the good rows are loaded, each bad one is named with its line, and what no row can be read from fails the job with the reason.</summary>
public sealed class BadFileTests
{
    private const string Header = "campaignId,spend,impressions,date,note\n";

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Each_bad_row_of_a_table_is_named_and_the_others_load(Provider provider)
    {
        string[] rows =
        [
            "good-1,1,1,2025-01-01,x",
            "few,1",
            "many,1,2,2025-01-01,x,over",
            "open,1,2,2025-01-01,\"never, closed",
            "good-2,2,2,2025-01-02,x",
            "huge,1e400,1,2025-01-01,",
            "nan,NaN,1,2025-01-01,",
            "infinite,-Infinity,1,2025-01-01,",
            "negative,1,-5,2025-01-01,",
            "february,1,1,2025-02-30,",
            "month,1,1,2025-13-01,",
            "control\u0001,1,1,2025-01-01,",
            ",1,1,2025-01-01,",
            "two,x,-1,never,",
            "good-3,3,3,2025-01-03,",
        ];
        await using var host = await ImportHost.StartAsync(provider);
        var job = await host.LoadAsync(Header + string.Join('\n', rows) + "\n");
        Assert.Equal("succeeded", job.GetProperty("status").GetString());
        Assert.Equal((15, 3, 0, 0, 12), ImportHost.Counts(job));
        Assert.Equal(["good-1 1.00", "good-2 2.00", "good-3 3.00"], await LoadedAsync(host));
        Assert.Equal(
        [
            "line,column,value,reason,campaignId,spend,impressions,date,note",
            "3,,,The row has 2 fields but the header has 5.,few,1",
            "4,,,The row has 6 fields but the header has 5.,many,1,2,2025-01-01,x,over",
            "5,,,A quoted field opens on this line and is not closed where the row should end. Double the quotes that belong to a value.,open,1,2,2025-01-01,\"\"\"never\",\" closed\"",
            "7,spend,1e400,spend: '1e400' is out of range: numbers up to 79228162514264337593543950335 are accepted.,huge,1e400,1,2025-01-01,",
            "8,spend,NaN,spend: 'NaN' is not a finite number.,nan,NaN,1,2025-01-01,",
            "9,spend,-Infinity,spend: '-Infinity' is not a finite number.,infinite,-Infinity,1,2025-01-01,",
            "10,impressions,-5,\"impressions: impressions must not be negative; it is -5.\",negative,1,-5,2025-01-01,",
            "11,date,2025-02-30,date: '2025-02-30' is a day or a time that does not exist.,february,1,1,2025-02-30,",
            "12,date,2025-13-01,date: '2025-13-01' is a day or a time that does not exist.,month,1,1,2025-13-01,",
            "13,campaignId,control\u0001,campaignId: campaignId has a control character in it. campaignName: campaignName has a control character in it.,control\u0001,1,1,2025-01-01,",
            "14,campaignId,,campaignId: campaignId is missing.,,1,1,2025-01-01,",
            "15,spend,x,spend: 'x' is not a number. date: 'never' is not a date.,two,x,-1,never,",
        ], await RejectsAsync(host, job));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Each_bad_line_of_JSON_is_named_and_the_others_load(Provider provider)
    {
        string[] lines =
        [
            """{"campaignId":"good-1","spend":1}""",
            """{"campaignId":"huge","spend":1e400}""",
            """{"campaignId":"nan","spend":NaN}""",
            """{"campaignId":"nan","spend":"NaN"}""",
            """{"campaignId":"object","spend":{"a":1}}""",
            """{"campaignId":"half","spend":"\ud800"}""",
            "[1]",
            "null",
            "\"text\"",
            """{"campaignId":"cut","spe""",
            $$"""{"campaignId":"deep","spend":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""",
            """{"campaignId":"good-2","spend":2}""",
        ];
        await using var host = await ImportHost.StartAsync(provider);
        var job = await host.LoadAsync(string.Join('\n', lines));
        Assert.Equal("succeeded", job.GetProperty("status").GetString());
        Assert.Equal((12, 2, 0, 0, 10), ImportHost.Counts(job));
        Assert.Equal(["good-1 1.00", "good-2 2.00"], await LoadedAsync(host));
        var rejects = (await RejectsAsync(host, job))[1..];
        string[] starts =
        [
            "2,spend,1e400,spend: '1e400' is out of range",
            "3,,,Not valid JSON behind byte 28 of the row.",
            "4,spend,NaN,spend: 'NaN' is not a finite number.",
            "5,spend,\"{\"\"a\"\":1}\",\"spend: '{\"\"a\"\":1}' is not a number.",
            "6,,,A JSON string holds an escape that is half a character",
            "7,,,The row is an array and not a JSON object.,[1]",
            "8,,,The row is null and not a JSON object.,null",
            "9,,,The row is a string and not a JSON object.,\"\"\"text\"\"\"",
            "10,,,\"Not valid JSON behind byte",
            "11,,,\"The row nests deeper than 64 levels, the most accepted (setting Imports:MaxJsonDepth).\",",
        ];
        Assert.Equal(starts, rejects.Zip(starts, (row, start) => row[..Math.Min(row.Length, start.Length)]));
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_reject_their_row_alone()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        var good = string.Concat(Enumerable.Range(0, 30).Select(i => $"good-{i:00},Crème\n"));
        var job = await host.LoadAsync([.. Encoding.UTF8.GetBytes("campaignId,campaignName\n" + good), .. "bad,Cr"u8, 0xE8, .. "me\nlast,x\n"u8]);
        Assert.Equal((32, 31, 0, 0, 1), ImportHost.Counts(job));
        Assert.Equal("32,,,The row holds bytes that are no characters in the file's encoding.,bad,Cr\uFFFDme", (await RejectsAsync(host, job))[1]);
    }

    [Theory]
    [InlineData("[{\"campaignId\":\"a\",\"spend\":1},\n{\"campaignId\":\"b\",\"spend\":2},\n{\"campaignId\":\"c\",\"spe", "line 3")]
    [InlineData("[{\"campaignId\":\"a\",\"spend\":1},\n{\"campaignId\":\"b\",\"spend\":2}\n", "The file ends before the array is closed.")]
    [InlineData("[{\"campaignId\":\"a\",\"spend\":1},\n{\"campaignId\":\"b\",\"spend\":2} {\"campaignId\":\"c\"}]", "A comma or ] has to follow")]
    [InlineData("[{\"campaignId\":\"a\",\"spend\":1},\n{\"campaignId\":\"b\",\"spend\":2},\n{\"campaignId\":c}]", "line 3")]
    public async Task An_array_that_breaks_fails_with_the_place_and_keeps_what_stands_before(string file, string detail)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        var job = await host.LoadAsync(file);
        AssertFailed(job, "file", "not-json", detail);
        Assert.Equal((2, 2, 0, 0, 0), ImportHost.Counts(job));
        Assert.Equal(["a 1.00", "b 2.00"], await LoadedAsync(host));
    }

    [Fact]
    public async Task Ten_thousand_brackets_and_the_wrong_format_fail_the_job()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        AssertFailed(await host.LoadAsync(new string('[', 10_000)), "file", "not-json", "The file ends within the element that starts on line 1.");
        AssertFailed(await host.LoadAsync(Header + "a,1,1,2025-01-01,\n", "target=campaigns&format=json"), "file", "not-json", "A JSON array starts with [.");
        var job = await host.LoadAsync($"[{{\"campaignId\":\"a\"}},\n{{\"campaignId\":\"b\",\"x\":{new string('[', 10_000)}{new string(']', 10_000)}}},\n{{\"campaignId\":\"c\"}}]");
        Assert.Equal((3, 2, 0, 0, 1), ImportHost.Counts(job));
        Assert.StartsWith("2,,,\"The row nests deeper than 64 levels", (await RejectsAsync(host, job))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_rejects_than_allowed_fail_the_job_and_the_rejects_are_there()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        var job = await host.LoadAsync(Header + "a,1,1,2025-01-01,\nb,no,1,2025-01-01,\nc,no,1,2025-01-01,\n", "target=campaigns&maxRejects=1");
        AssertFailed(job, "maxRejects", "exceeded", "2 rows were rejected, more than maxRejects=1.");
        Assert.Equal((3, 1, 0, 0, 2), ImportHost.Counts(job));
        Assert.Equal(["a 1.00"], await LoadedAsync(host));
        Assert.Equal(["3,spend,no,spend: 'no' is not a number.,b,no,1,2025-01-01,", "4,spend,no,spend: 'no' is not a number.,c,no,1,2025-01-01,"], (await RejectsAsync(host, job))[1..]);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.51)]
    [InlineData(0.8)]
    [InlineData(0.99)]
    public async Task A_gzip_file_that_is_cut_off_loads_the_whole_rows_before_the_cut_and_nothing_made_up(double share)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        var random = new Random(7);
        int[] spends = [.. Enumerable.Range(0, 40_000).Select(_ => random.Next(1_000_000))];
        var csv = string.Concat(spends.Select((s, i) => string.Create(CultureInfo.InvariantCulture, $"c-{i},{s},{s},2025-01-01,{s:x}\n")));
        var file = ImportTests.Gzip(Encoding.UTF8.GetBytes(Header + csv));
        var job = await host.LoadAsync(file[..(int)(file.Length * share)]);
        AssertFailed(job, "file", "gzip", "cut off behind");
        int rows = job.GetProperty("rowsRead").GetInt32();
        Assert.InRange(rows, 1, spends.Length - 1);
        Assert.Equal((rows, rows, 0, 0, 0), ImportHost.Counts(job));
        var total = await host.TotalAsync();
        Assert.Equal((rows, spends.Take(rows).Sum(s => (decimal)s)), (total.GetProperty("rows").GetInt32(), total.GetProperty("spend").GetDecimal()));
    }

    [Theory]
    [InlineData("Imports:MaxGzipRatio", "20", "gzip-ratio")]
    [InlineData("Imports:MaxDecodedBytes", "1000000", "too-large")]
    public async Task A_gzip_bomb_is_stopped_by_each_of_its_limits(string setting, string limit, string rule)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite, (setting, limit));
        var job = await host.LoadAsync(ImportTests.Gzip(Encoding.UTF8.GetBytes(Header + "a,1,1,2025-01-01,\n" + string.Concat(Enumerable.Repeat(new string(' ', 999) + "\n", 30_000)))));
        AssertFailed(job, "file", rule, $"(setting {setting})");
        Assert.Equal(["a 1.00"], await LoadedAsync(host));
    }

    [Theory]
    [InlineData(Header + "a,1,1,2025-01-01,\n", "long,1,1,2025-01-01,", "\nb,2,2,2025-01-02,\n", 3)]
    [InlineData(Header + "a,1,1,2025-01-01,\n", "long,1,1,2025-01-01,\"", "\"\nb,2,2,2025-01-02,\n", 3)]
    [InlineData("{\"campaignId\":\"a\",\"spend\":1}\n", "{\"campaignId\":\"", "\"}\n{\"campaignId\":\"b\",\"spend\":2}\n", 2)]
    [InlineData("[{\"campaignId\":\"a\",\"spend\":1},\n", "{\"campaignId\":\"", "\"},\n{\"campaignId\":\"b\",\"spend\":2}]", 2)]
    public async Task A_row_of_50_MB_is_rejected_by_a_worker_that_has_less_memory_than_that(string before, string open, string after, int line)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite, ("Imports:Workers", "0"));
        var (status, job) = await host.PostAsync("target=campaigns", Encoding.UTF8.GetBytes(before + open + new string('x', 50_000_000) + after));
        Assert.True(status is HttpStatusCode.Accepted, job.ToString());
        using var worker = WorkerProcess.Start(host.Server, ("DOTNET_GCHeapHardLimit", "0x2800000"));
        job = await host.EndAsync(job.GetProperty("id").GetString()!);
        Assert.Equal(("succeeded", (3, 2, 0, 0, 1)), (job.GetProperty("status").GetString(), ImportHost.Counts(job)));
        Assert.Equal(["a 1.00", "b 2.00"], await LoadedAsync(host));
        Assert.Equal($"{line},,,\"The row is longer than 1048576 bytes, the most accepted (setting Imports:MaxRowBytes).\"", (await RejectsAsync(host, job))[1]);
    }

    private static async Task<string[]> LoadedAsync(ImportHost host) =>
        [.. (await host.CampaignsAsync()).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.GetProperty("campaignId").GetString()} {c.GetProperty("spend").GetDecimal():0.00}"))];

    private static async Task<string[]> RejectsAsync(ImportHost host, JsonElement job) => (await host.RejectsAsync(job)).TrimEnd('\n').Split('\n');

    private static void AssertFailed(JsonElement job, string field, string rule, string detail)
    {
        Assert.Equal("failed", job.GetProperty("status").GetString());
        var problem = job.GetProperty("error");
        Assert.Equal(("/problems/unprocessable", 422), (problem.GetProperty("type").GetString(), problem.GetProperty("status").GetInt32()));
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var error = problem.GetProperty("errors")[0];
        Assert.Equal((field, rule), (error.GetProperty("field").GetString(), error.GetProperty("rule").GetString()));
    }
}
