using System.Net;
using System.Text;
using Azure.Storage.Blobs;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace CloudStore.Api.Tests.Faults;

/// <summary>What the README says of stores that are away or full, with the store really away or full.</summary>
public sealed class StoreAwayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_Postgres_requests_answer_503_and_change_nothing_and_all_is_well_when_it_is_back()
    {
        TcpProxy? proxy = null;
        await using var server = await ApiServer.StartAsync(Provider.Postgres, settings: records =>
        {
            var direct = new NpgsqlConnectionStringBuilder(records);
            proxy = new TcpProxy(direct.Port);
            direct.Port = proxy.Port;
            return new() { ["ConnectionStrings:records"] = direct.ConnectionString };
        });
        using var way = proxy!;
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"before"}"""), 201);

        way.Cut();
        await AwayAsync(await server.Client.GetAsync("/v1/campaigns", Token));
        await AwayAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"meanwhile"}"""));
        await AwayAsync(await server.Client.PostAsync("/v1/imports?target=campaigns", File(10), contentType: "text/csv"));
        Assert.Empty(Staged(server));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("/health", Token)).StatusCode);

        way.Restore();
        var list = await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns?count=true", Token), 200);
        Assert.Equal((1, "before"), (list.GetProperty("count").GetInt32(), list.GetProperty("items")[0].GetProperty("campaignId").GetString()));
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"after"}"""), 201);
    }

    [Fact]
    public async Task A_key_in_use_stays_good_for_a_while_without_Postgres_and_an_unknown_one_is_not_guessed()
    {
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        TcpProxy? proxy = null;
        await using var server = await ApiServer.StartAsync(Provider.Postgres, time: time, settings: records =>
        {
            var direct = new NpgsqlConnectionStringBuilder(records);
            proxy = new TcpProxy(direct.Port);
            direct.Port = proxy.Port;
            return new() { ["ConnectionStrings:records"] = direct.ConnectionString };
        });
        using var way = proxy!;
        var unseen = await server.MakeKeyAsync(Storage.Access.Role.Reader);
        var keys = server.App.Services.GetRequiredService<Storage.Access.KeyVerifier>();
        Assert.NotNull(await keys.VerifyAsync(ApiServer.OperatorKey, Token));

        way.Cut();
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("default", (await keys.VerifyAsync(ApiServer.OperatorKey, Token))?.Tenant);
        Assert.Null(await keys.VerifyAsync(ApiServer.OperatorKey[..^4] + "BBBB", Token));
        await Assert.ThrowsAnyAsync<Exception>(() => keys.VerifyAsync(unseen, Token).AsTask());

        time.Advance(TimeSpan.FromMinutes(6));
        await Assert.ThrowsAnyAsync<Exception>(() => keys.VerifyAsync(ApiServer.OperatorKey, Token).AsTask());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Without_blob_storage_an_upload_answers_503_and_no_job_is_left(int retries)
    {
        var files = $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:{FreePort.Next()}/a";
        // As the product's client, but without its pauses.
        var options = new BlobClientOptions { Retry = { MaxRetries = retries, Delay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(1) } };
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["ConnectionStrings:files"] = files },
            configure: builder => builder.Services.Replace(ServiceDescriptor.Singleton(new BlobServiceClient(files, options))));
        await AwayAsync(await server.Client.PostAsync("/v1/imports?target=campaigns", File(10), contentType: "text/csv"));
        var jobs = await Expect.JsonAsync(await server.Client.GetAsync("/v1/imports?count=true", Token), 200);
        Assert.Equal(0, jobs.GetProperty("count").GetInt32());
        await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns", Token), 200);
    }

    [Fact]
    public async Task On_a_full_disk_an_upload_answers_507_and_leaves_nothing_and_records_are_kept()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var disk = SmallDisk.Mount(Path.Combine(server.DataFolder, "staged"), megabytes: 1);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/imports?target=campaigns", File(100_000), contentType: "text/csv"), "insufficient-storage", 507);
        Assert.Empty(Staged(server));
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"c"}"""), 201);
        Assert.Equal(202, (int)(await server.Client.PostAsync("/v1/imports?target=campaigns", File(10), contentType: "text/csv")).StatusCode);
    }

    [Fact]
    public async Task A_database_on_a_full_disk_answers_507_and_keeps_what_it_has()
    {
        using var folder = new TempFolder();
        using var disk = SmallDisk.Mount(folder.FullPath, megabytes: 4);
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Data:Root"] = folder.FullPath });
        var text = new string('x', 60_000);
        int stored = 0;
        HttpResponseMessage answer;
        while ((answer = await server.Client.PostAsync("/v1/campaigns", $$$"""{"campaignId":"c-{{{stored}}}","additionalData":{"text":"{{{text}}}"}}""")).IsSuccessStatusCode)
        {
            stored++;
        }

        await Expect.ProblemAsync(answer, "insufficient-storage", 507);
        var list = await Expect.JsonAsync(await server.Client.GetAsync("/v1/campaigns?limit=1&count=true", Token), 200);
        Assert.InRange(stored, 1, 100);
        Assert.Equal(stored, list.GetProperty("count").GetInt32());
    }

    private static async Task AwayAsync(HttpResponseMessage answer)
    {
        await Expect.ProblemAsync(answer, "unavailable", 503);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private static string[] Staged(ApiServer server) =>
        Directory.Exists(Path.Combine(server.DataFolder, "staged")) ? Directory.GetFiles(Path.Combine(server.DataFolder, "staged"), "*", SearchOption.AllDirectories) : [];

    private static string File(int rows)
    {
        var csv = new StringBuilder("campaignId,spend\n");
        for (int i = 0; i < rows; i++)
        {
            csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"campaign-{i},{i}\n");
        }

        return csv.ToString();
    }
}
