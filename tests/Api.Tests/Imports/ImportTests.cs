using System.Data.Common;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Records;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Imports;

/// <summary>Files go in by HTTP and come out as records, on both databases.</summary>
public sealed class ImportTests
{
    private const string TwoRows = "campaignId,platform,spend\na,meta,1.50\nb,google,2\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Conflicts_update_skip_or_reject_and_are_counted(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        Assert.Equal((2, 2, 0, 0, 0), ImportHost.Counts(await host.LoadAsync(TwoRows)));
        const string changed = "campaignId,platform,spend\na,meta,9\nb,google,8\nc,x,7\nc,x,6\n";
        Assert.Equal((4, 1, 0, 3, 0), ImportHost.Counts(await host.LoadAsync(changed, "target=campaigns&onConflict=skip")));
        Assert.Equal("10.50", $"{(await host.TotalAsync()).GetProperty("spend").GetDecimal():0.00}");

        var rejected = await host.LoadAsync(changed + "\n", "target=campaigns&onConflict=reject");
        Assert.Equal((4, 0, 0, 0, 4), ImportHost.Counts(rejected));
        Assert.Contains("A row with this key exists.", await host.RejectsAsync(rejected));

        Assert.Equal((4, 0, 4, 0, 0), ImportHost.Counts(await host.LoadAsync(changed, "target=campaigns&onConflict=update&force=true")));
        var items = await host.CampaignsAsync();
        Assert.Equal([9m, 8m, 6m], items.Select(i => i.GetProperty("spend").GetDecimal()));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task The_same_file_answers_the_first_job_unless_forced(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var first = await host.LoadAsync(TwoRows);
        var (status, again) = await host.PostAsync("target=campaigns", Encoding.UTF8.GetBytes(TwoRows));
        Assert.Equal((HttpStatusCode.OK, first.GetProperty("id").GetString()), (status, again.GetProperty("id").GetString()));
        var forced = await host.LoadAsync(TwoRows, "target=campaigns&force=true");
        Assert.NotEqual(first.GetProperty("id").GetString(), forced.GetProperty("id").GetString());
        Assert.Equal((2, 0, 2, 0, 0), ImportHost.Counts(forced));
        var (otherStatus, other) = await host.PostAsync("target=campaigns&maxRejects=5&set=funnelStage:top", Encoding.UTF8.GetBytes(TwoRows));
        Assert.Equal(HttpStatusCode.Accepted, otherStatus);
        await host.EndAsync(other.GetProperty("id").GetString()!);
        var (repeatedStatus, repeated) = await host.PostAsync("set=funnelStage:top&target=campaigns", Encoding.UTF8.GetBytes(TwoRows));
        Assert.Equal((HttpStatusCode.OK, other.GetProperty("id").GetString()), (repeatedStatus, repeated.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task An_idempotency_key_gives_the_first_answer_again_and_refuses_another_file()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        host.Client.DefaultRequestHeaders.Add("Idempotency-Key", "import-1");
        var (status, first) = await host.PostAsync("target=campaigns&force=true", Encoding.UTF8.GetBytes(TwoRows));
        var (replayed, again) = await host.PostAsync("target=campaigns&force=true", Encoding.UTF8.GetBytes(TwoRows));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (status, replayed));
        Assert.Equal(first.ToString(), again.ToString());
        var (mismatch, problem) = await host.PostAsync("target=campaigns&force=true", Encoding.UTF8.GetBytes(TwoRows + "c,x,1\n"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "/problems/idempotency-mismatch"), (mismatch, problem.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task A_mended_rejects_file_loads_as_it_is(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var job = await host.LoadAsync("Ad ID;Spend;Clicks;Note\r\na;1,50;1;\"x;y\"\r\nb;2,50;minus;z\r\nc;3,50;3\r\n");
        Assert.Equal((3, 1, 0, 0, 2), ImportHost.Counts(job));
        var rejects = await host.RejectsAsync(job);
        Assert.Equal("line,column,value,reason,Ad ID,Spend,Clicks,Note", rejects.Split('\n')[0]);
        var mended = rejects.Replace("b,\"2,50\",minus,z", "b,\"2,50\",2,z", StringComparison.Ordinal).Replace("c,\"3,50\",3", "c,\"3,50\",3,", StringComparison.Ordinal);
        Assert.NotEqual(rejects, mended);
        Assert.Equal((2, 2, 0, 0, 0), ImportHost.Counts(await host.LoadAsync(mended)));
        var items = await host.CampaignsAsync();
        Assert.Equal([1.5m, 2.5m, 3.5m], items.Select(i => i.GetProperty("spend").GetDecimal()));
        Assert.Equal(["""{"Note":"x;y"}""", """{"Note":"z"}""", "null"], items.Select(i => JsonSerializer.Serialize(i.GetProperty("additionalData"))));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("utf-16")]
    [InlineData("windows-1252")]
    [InlineData("jsonl")]
    [InlineData("json")]
    public async Task Whatever_form_the_file_has_the_records_are_the_same(string form)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        var job = await host.LoadAsync(InForm(form));
        Assert.Equal((2, 2, 0, 0, 0), ImportHost.Counts(job));
        var items = await host.CampaignsAsync();
        Assert.Equal(["Crème", "Süd"], items.Select(i => i.GetProperty("campaignName").GetString()));
        Assert.Equal([1234.5m, 2m], items.Select(i => i.GetProperty("spend").GetDecimal()));
        Assert.Equal(["2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"], items.Select(i => i.GetProperty("date").GetString()));
    }

    [Fact]
    public async Task A_column_decides_the_order_of_its_dates_and_an_undecided_one_fails_the_job()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        await host.LoadAsync("campaignId,date\na,3/4/2026\nb,3/31/2026\nc,05-04-2026\nd,31-03-2026\n");
        Assert.Equal(["2026-03-04T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-05T00:00:00Z", "2026-03-31T00:00:00Z"], (await host.CampaignsAsync()).Select(i => i.GetProperty("date").GetString()));

        const string undecided = "campaignId,date\nx,3/4/2026\ny,5/6/2026\n";
        var job = await host.LoadAsync(undecided);
        Assert.Equal("failed", job.GetProperty("status").GetString());
        var detail = job.GetProperty("error").GetProperty("detail").GetString();
        Assert.Contains("date", detail);
        Assert.Contains("dateFormat", detail);
        Assert.Equal((2, 2, 0, 0, 0), ImportHost.Counts(await host.LoadAsync(undecided, "target=campaigns&dateFormat=dd/MM/yyyy")));
    }

    [Fact]
    public async Task Map_set_and_key_say_what_a_file_means()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        const string file = "num,region,cost,n\n7,north,10,1\n7,south,20,2\n7,north,30,3\n";
        var job = await host.LoadAsync(file, "target=campaigns&map=campaignId:num&set=platform:Meta&key=campaignId,region");
        Assert.Equal((3, 2, 1, 0, 0), ImportHost.Counts(job));
        var items = await host.CampaignsAsync();
        Assert.Equal(["7", "7"], items.Select(i => i.GetProperty("campaignId").GetString()));
        Assert.Equal([20m, 30m], items.Select(i => i.GetProperty("spend").GetDecimal()).Order());
        Assert.All(items, i => Assert.Equal("Meta", i.GetProperty("platform").GetString()));

        // A derived id does not depend on the order of the columns, and not on measures.
        Assert.Equal((2, 2, 0, 0, 0), ImportHost.Counts(await host.LoadAsync("area,team,spend\nnorth,a,1\nsouth,b,2\n", "target=campaigns&key=derive")));
        Assert.Equal((2, 0, 2, 0, 0), ImportHost.Counts(await host.LoadAsync("spend,team,area\n5,a,north\n6,b,south\n", "target=campaigns&key=derive")));
    }

    [Fact]
    public async Task Events_end_with_the_job_and_another_tenant_does_not_see_it()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        var id = (await host.LoadAsync(TwoRows)).GetProperty("id").GetString();
        var events = await host.Client.GetStringAsync($"/v1/imports/{id}/events", Token);
        Assert.StartsWith("event: end\ndata: {", events);
        using var stranger = host.Server.ClientWith(await host.Server.MakeKeyAsync(Storage.Access.Role.Operator, "other"));
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/v1/imports/{id}", Token)).StatusCode);
        using var reader = host.Server.ClientWith(await host.Server.MakeKeyAsync(Storage.Access.Role.Reader));
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsync("/v1/imports?target=campaigns", new StringContent(TwoRows), Token)).StatusCode);
    }

    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite, ("Imports:Workers", "0"));
        var (_, job) = await host.PostAsync("target=campaigns", Encoding.UTF8.GetBytes(TwoRows));
        using var answer = await host.Client.DeleteAsync($"/v1/imports/{job.GetProperty("id").GetString()}", Token);
        Assert.Contains("\"status\":\"cancelled\"", await answer.Content.ReadAsStringAsync(Token));
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Server.DataFolder, "staged"), "*", SearchOption.AllDirectories));
    }

    private static byte[] InForm(string form)
    {
        const string csv = "campaignId,campaignName,spend,date\n1,Crème,\"$1,234.50\",2026-01-31\n2,Süd,2,2026-02-01\n";
        const string lines = """
            {"campaignId":"1","campaignName":"Crème","spend":1234.50,"date":"2026-01-31"}
            {"campaignId":2,"campaignName":"S\u00fcd","spend":2,"date":"2026-02-01"}
            """;
        return form switch
        {
            "gzip" => Gzip(Encoding.UTF8.GetBytes(csv)),
            "utf-16" => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(csv)],
            "windows-1252" => Encoding.Latin1.GetBytes(csv),
            "jsonl" => Encoding.UTF8.GetBytes(lines),
            _ => Encoding.UTF8.GetBytes($"[{lines.Replace("\n", ",\n", StringComparison.Ordinal)}]"),
        };
    }

    internal static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    [Fact]
    public async Task An_upload_that_is_queued_is_answered_where_its_answer_cannot_be_kept_and_its_key_stays_claimed()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, configure: b => b.Services.ConfigureDbContext<SqliteContext>(o => o.AddInterceptors(new NoAnswersKept())));
        var job = await Expect.JsonAsync(await server.Client.PostAsync("/v1/imports?target=campaigns", TwoRows, "k", "text/csv"), 202);
        Assert.Single(server.Log.Warnings, w => w.Contains("Idempotency-Key k was not kept", StringComparison.Ordinal));
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/imports?target=campaigns", TwoRows, "k", "text/csv"), "idempotency-running", 409);
        var queued = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/imports/{job.GetProperty("id")}", Token), 200);
        Assert.Equal("queued", queued.GetProperty("status").GetString());
    }

    private sealed class NoAnswersKept : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            command.CommandText.StartsWith("UPDATE \"idempotency_keys\"", StringComparison.Ordinal) ? throw new SqliteException("locked", 5) : ValueTask.FromResult(result);
    }
}
