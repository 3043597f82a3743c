using System.Net;
using CloudStore.Api.Tests.Exports;

namespace CloudStore.Api.Tests.Http;

/// <summary>HEAD is answered where GET is.</summary>
public sealed class HeadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_to_HEAD_has_the_head_of_GET_s_and_no_body()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var made = await Expect.JsonAsync(await server.Client.PostAsync("/v1/campaigns", """{"campaignId":"c-1"}"""), 201);
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        Assert.Equal((HttpStatusCode.Redirect, "/docs"), (await HeadAsync(browser, "/")) is var root ? (root.StatusCode, root.Headers.Location?.ToString()) : default);
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync(browser, "/docs/index.html")).StatusCode);
        foreach (var path in new[] { $"/v1/campaigns/{made.GetProperty("id").GetString()}", "/v1/campaigns", "/v1/exports/campaigns", "/v1/exports", "/openapi/v1.json" })
        {
            using var get = await server.Client.GetAsync(path, Token);
            using var head = await HeadAsync(server.Client, path);
            Assert.Equal((get.StatusCode, get.Content.Headers.ContentType, get.Headers.ETag), (head.StatusCode, head.Content.Headers.ContentType, head.Headers.ETag));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Fact]
    public async Task HEAD_is_refused_as_GET_is_and_gives_nothing_out()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var nobody = server.ClientWith(null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await HeadAsync(nobody, "/v1/campaigns")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await HeadAsync(server.Client, "/v1/nothing")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await HeadAsync(server.Client, "/v1/campaigns?plattform=x")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await HeadAsync(server.Client, "/v1/campaigns:batch")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await HeadAsync(server.Client, "/v1/exports/retail.sales")).StatusCode);
        Assert.Empty(await ExportEndpointTests.EventsAsync(server));
    }

    [Fact]
    public async Task HEAD_of_a_job_s_events_does_not_wait_for_its_end()
    {
        // No worker: the job stays queued.
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        var job = await Expect.JsonAsync(await server.Client.PostAsync("/v1/imports?target=campaigns", "campaignId\nc-1\n", contentType: "text/csv"), 202);
        using var head = await HeadAsync(server.Client, $"/v1/imports/{job.GetProperty("id").GetString()}/events");
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
        // The connection is free for the next request at once.
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/v1/imports", Token).WaitAsync(TimeSpan.FromMinutes(2), Token)).StatusCode);
    }

    private static Task<HttpResponseMessage> HeadAsync(HttpClient client, string path) => client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Token);
}
