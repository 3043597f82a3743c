using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Imports;

/// <summary>Requests that are refused before there is a job: nothing is queued and no file stays.</summary>
public sealed class BadUploadTests
{
    private const string File = "campaignId,spend\na,1\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 400, "target", "required", "target is missing; it is one of campaigns, llm-usage, queries, retail.sales, voice.metrics, voice.users.")]
    [InlineData("target=nope", 400, "target", "known-target", "There is no target 'nope'")]
    [InlineData("target=campaigns&format=xls", 400, "format", "known-format", "There is no format 'xls'; there are csv, jsonl and json.")]
    [InlineData("target=campaigns&delimiter=x", 400, "delimiter", "known-delimiter", "'x' is not a delimiter")]
    [InlineData("target=campaigns&onConflict=foo", 400, "onConflict", "known-mode", "onConflict is update, skip or reject, not 'foo'.")]
    [InlineData("target=campaigns&key=nosuch", 422, "key", "known-column", "'nosuch' is neither a field of campaigns nor a column of the file; its columns are campaignId, spend.")]
    [InlineData("target=campaigns&key=derive,spend", 400, "key", "derive-alone", "key=derive stands alone")]
    [InlineData("target=queries&key=question", 400, "key", "no-key", "Rows of queries have no key")]
    [InlineData("target=campaigns&map=nosuch:spend", 400, "map", "known-field", "campaigns has no field 'nosuch'; its fields are campaignId,")]
    [InlineData("target=campaigns&map=spend:nosuch", 422, "map", "known-column", "The file has no column 'nosuch'")]
    [InlineData("target=campaigns&map=spend", 400, "map", "pair", "map is a list of field:column; 'spend' is none.")]
    [InlineData("target=campaigns&map=spend:spend,revenue:Spend", 400, "map", "once", "map gives the column 'spend' to spend and revenue")]
    [InlineData("target=campaigns&set=spend:abc", 400, "set", "value", "'abc' is not a number, which spend cannot be set to.")]
    [InlineData("target=campaigns&set=date:2025-02-30", 400, "set", "value", "'2025-02-30' is a day or a time that does not exist")]
    [InlineData("target=campaigns&dateFormat=dd/QQ", 400, "dateFormat", "date-format", "The date format \"dd/QQ\" has \"Q\"")]
    [InlineData("target=campaigns&dateFormat=MM/dd", 400, "dateFormat", "date-format", "year")]
    [InlineData("target=campaigns&maxRejects=-1", 400, "maxRejects", "not-negative", "maxRejects must be 0 or more.")]
    [InlineData("target=campaigns&maxRejects=many", 400, "maxRejects", "whole-number", "it is 'many'")]
    [InlineData("target=campaigns&force=maybe", 400, "force", "true-or-false", "not 'maybe'")]
    [InlineData("target=campaigns&colour=red", 400, "colour", "known-parameter", "There is no parameter 'colour'; there are target, format,")]
    public async Task A_parameter_that_cannot_be_is_named(string query, int status, string field, string rule, string detail)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        AssertProblem(await host.PostAsync(query, Encoding.UTF8.GetBytes(File)), status, field, rule, detail);
        await AssertNothingStaysAsync(host);
    }

    [Theory]
    [InlineData("nothing", 400, "body", "required", "The request has no body")]
    [InlineData("blanks", 422, "file", "empty", "The file holds nothing.")]
    [InlineData("empty gzip", 422, "file", "empty", "The file holds nothing.")]
    [InlineData("picture", 422, "file", "encoding", "it looks like a PNG image.")]
    [InlineData("workbook", 422, "file", "encoding", "an Excel workbook (.xlsx).")]
    [InlineData("noise", 422, "file", "encoding", "it looks like binary data")]
    [InlineData("no required column", 422, "campaignId", "required-column", "the file's columns are name, spend.")]
    [InlineData("quote in the header", 422, "file", "header", "The header (line 1) cannot be read. A quoted field opens on this line")]
    [InlineData("one long line", 422, "file", "header", "The row is longer than 1048576 bytes, the most accepted (setting Imports:MaxRowBytes).")]
    [InlineData("gzip cut in its header", 422, "file", "gzip", "damaged or cut off behind 0 decompressed bytes.")]
    [InlineData("too long", 413, null, null, "The upload is longer than the 60,000,000 bytes that are accepted.")]
    public async Task A_file_that_no_row_can_be_read_from_is_refused(string kind, int status, string? field, string? rule, string detail)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite, ("Imports:MaxUploadBytes", "60000000"));
        AssertProblem(await host.PostAsync("target=campaigns", OfKind(kind)), status, field, rule, detail);
        await AssertNothingStaysAsync(host);
    }

    [Theory]
    [InlineData("xx", "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" + File, "multipart")]
    [InlineData("xx", "no form at all", "multipart")]
    [InlineData("xx", "--xx\r\nno header\r\n\r\n" + File + "\r\n--xx--\r\n", "multipart")]
    [InlineData("xx", "--xx\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nx\r\n--xx--\r\n", "required")]
    [InlineData("", "--xx--", "required")]
    public async Task A_form_that_breaks_off_or_holds_no_file_is_malformed(string boundary, string form, string rule)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(form));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data" + (boundary.Length > 0 ? $"; boundary={boundary}" : ""));
        using var answer = await host.Client.PostAsync("/v1/imports?target=campaigns", content, Token);
        await Expect.ProblemAsync(answer, "malformed", 400, "body", rule);
        await AssertNothingStaysAsync(host);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Idempotency-Key: half\r\n")]
    [InlineData("Content-Type: multipart/form-data; boundary=xx\r\n")]
    public async Task A_body_that_stops_half_way_leaves_no_job_and_no_file(string header)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        var body = header.Contains("boundary", StringComparison.Ordinal) ? $"--xx\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n{File}" : File;
        var staged = Path.Combine(host.Server.DataFolder, "staged");
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(host.Server.Address.Host, host.Server.Address.Port, Token);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/imports?target=campaigns HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ApiServer.OperatorKey}\r\n{header}Content-Length: {body.Length * 2}\r\n\r\n{body}"), Token);
            await Eventually.Async(() => Directory.Exists(staged) && Directory.GetFiles(staged, "*", SearchOption.AllDirectories).Length == 1, TimeSpan.FromMinutes(1), "the upload to begin");
        }

        await Eventually.Async(() => Directory.GetFiles(staged, "*", SearchOption.AllDirectories).Length == 0, TimeSpan.FromMinutes(1), "the half file to go");
        await AssertNothingStaysAsync(host);
    }

    [Fact]
    public async Task A_stream_whose_parameters_cannot_be_is_refused_before_any_row()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        using var set = await host.Client.PostAsync("/v1/streams/campaigns?set=spend:abc", new StringContent("{\"campaignId\":\"a\"}\n"), Token);
        await Expect.ProblemAsync(set, "invalid", 400, "set", "value");
        using var format = await host.Client.PostAsync("/v1/streams/campaigns?dateFormat=QQ", new StringContent("{\"campaignId\":\"a\"}\n"), Token);
        await Expect.ProblemAsync(format, "invalid", 400, "dateFormat", "date-format");
        Assert.Empty(host.Server.Log.Errors);
    }

    [Fact]
    public async Task The_list_of_imports_takes_a_status_as_the_answers_write_it()
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        await host.LoadAsync(File);
        Assert.Equal(1, await CountAsync(host, "?count=true&status=succeeded"));
        Assert.Equal(0, await CountAsync(host, "?count=true&status=failed"));
        using var answer = await host.Client.GetAsync("/v1/imports?status=over", Token);
        await Expect.ProblemAsync(answer, "invalid", 400, "status", "known-value");
    }

    private static async Task<int> CountAsync(ImportHost host, string query)
    {
        using var answer = await host.Client.GetAsync($"/v1/imports{query}", Token);
        return (await Expect.JsonAsync(answer, 200)).GetProperty("count").GetInt32();
    }

    private static async Task AssertNothingStaysAsync(ImportHost host)
    {
        Assert.Equal(0, await CountAsync(host, "?count=true"));
        var staged = Path.Combine(host.Server.DataFolder, "staged");
        Assert.Empty(Directory.Exists(staged) ? Directory.GetFiles(staged, "*", SearchOption.AllDirectories) : []);
        Assert.Empty(host.Server.Log.Errors);
    }

    private static void AssertProblem((HttpStatusCode Status, JsonElement Body) answer, int status, string? field, string? rule, string detail)
    {
        Assert.True(status == (int)answer.Status, answer.Body.ToString());
        var kind = status switch { 400 => "", 413 => "too-large", _ => "unprocessable" };
        Assert.Contains(answer.Body.GetProperty("type").GetString(), kind.Length > 0 ? [$"/problems/{kind}"] : new[] { "/problems/invalid", "/problems/malformed" });
        Assert.Contains(detail, answer.Body.Detail(), StringComparison.Ordinal);
        var errors = answer.Body.GetProperty("errors");
        Assert.Equal((field, rule), field is null ? (null, null) : (errors[0].GetProperty("field").GetString(), errors[0].GetProperty("rule").GetString()));
    }

    private static byte[] OfKind(string kind) => kind switch
    {
        "nothing" => [],
        "blanks" => "  \r\n\n"u8.ToArray(),
        "empty gzip" => ImportTests.Gzip(" "u8.ToArray()),
        "picture" => [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Noise()],
        "workbook" => [.. "PK"u8, 3, 4, .. Noise()],
        "noise" => Noise(),
        "no required column" => "name,spend\na,1\n"u8.ToArray(),
        "quote in the header" => "campaignId,\"spend\na,1\n"u8.ToArray(),
        "one long line" => Encoding.UTF8.GetBytes(new string('x', 50_000_000)),
        "gzip cut in its header" => ImportTests.Gzip("campaignId\na\n"u8.ToArray())[..8],
        "too long" => Encoding.UTF8.GetBytes(File + new string('\n', 60_000_000)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static byte[] Noise()
    {
        var noise = new byte[4096];
        new Random(3).NextBytes(noise);
        return noise;
    }
}
