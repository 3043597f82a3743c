using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CloudStore.Api.Tests.ServiceDefaults;

public sealed class ResilienceTests
{
    private int _calls;

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task A_request_is_repeated_until_the_server_has_recovered(HttpStatusCode failure)
    {
        await using var server = await FailingServerAsync(failure, times: 2);
        using var client = Defaults();

        using var response = await client.GetAsync(new Uri(server.Address()), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task A_server_that_stays_down_gets_four_attempts_and_the_caller_its_answer()
    {
        await using var server = await FailingServerAsync(HttpStatusCode.ServiceUnavailable, times: int.MaxValue);
        using var client = Defaults();

        using var response = await client.GetAsync(new Uri(server.Address()), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(4, _calls);
    }

    [Fact]
    public async Task The_wait_that_the_server_asks_for_replaces_the_back_off()
    {
        await using var server = await FailingServerAsync(HttpStatusCode.ServiceUnavailable, times: 1);
        using var client = Client(options =>
        {
            // The back-off alone would outlast the call's limit.
            options.Retry.Delay = TimeSpan.FromHours(1);
            options.AttemptTimeout.Timeout = TimeSpan.FromMinutes(1);
            options.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(2);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(1);
        });

        using var response = await client.GetAsync(new Uri(server.Address()), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated()
    {
        await using var server = await FailingServerAsync(HttpStatusCode.BadRequest, times: 1);
        using var client = Defaults();

        using var response = await client.GetAsync(new Uri(server.Address()), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(1, _calls);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task A_request_that_changes_something_is_sent_once(string method)
    {
        await using var server = await FailingServerAsync(HttpStatusCode.ServiceUnavailable, times: 1);
        using var client = Defaults();

        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address());
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_retry_goes_to_the_next_instance_of_the_service()
    {
        await using var broken = await FailingServerAsync(HttpStatusCode.ServiceUnavailable, times: int.MaxValue);
        await using var sound = await LocalServer.StartAsync(app => app.Run(http => http.Response.WriteAsync("sound")));
        using var client = Defaults(("services:catalog:http:0", broken.Address()), ("services:catalog:http:1", sound.Address()));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("sound", await client.GetStringAsync(new Uri("http://catalog/"), TestContext.Current.CancellationToken));
        }

        Assert.InRange(_calls, 1, 3);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_given_up_and_repeated()
    {
        await using var server = await LocalServer.StartAsync(app => app.Run(async http =>
        {
            if (Interlocked.Increment(ref _calls) == 1)
            {
                await new TaskCompletionSource().Task.WaitAsync(http.RequestAborted);
            }
        }));
        using var client = Client(options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(2);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(1);
            options.Retry.Delay = TimeSpan.Zero;
        });

        using var response = await client.GetAsync(new Uri(server.Address()), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_call_ends_at_its_total_time_limit()
    {
        await using var server = await LocalServer.StartAsync(app => app.Run(http => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted)));
        using var client = Client(options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(200);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(200);
        });

        await Assert.ThrowsAsync<TimeoutRejectedException>(
            () => client.GetAsync(new Uri(server.Address()), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_circuit_of_a_failing_server_opens_and_others_stay_in_use()
    {
        await using var broken = await FailingServerAsync(HttpStatusCode.ServiceUnavailable, times: int.MaxValue);
        await using var sound = await LocalServer.StartAsync(app => app.Run(http => http.Response.WriteAsync("sound")));
        using var client = Client(options =>
        {
            options.Retry.ShouldHandle = _ => ValueTask.FromResult(false);
            options.CircuitBreaker.MinimumThroughput = 2;
            options.CircuitBreaker.FailureRatio = 0.5;
        });
        var cancellation = TestContext.Current.CancellationToken;
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync(new Uri(broken.Address()), cancellation);
        }

        await Assert.ThrowsAnyAsync<BrokenCircuitException>(() => client.GetAsync(new Uri(broken.Address()), cancellation));
        Assert.Equal("sound", await client.GetStringAsync(new Uri(sound.Address()), cancellation));
    }

    private Task<WebApplication> FailingServerAsync(HttpStatusCode failure, int times) =>
        LocalServer.StartAsync(app => app.Run(http =>
        {
            // Retry-After of zero takes the back-off's seconds out of the test.
            http.Response.Headers.RetryAfter = "0";
            http.Response.StatusCode = Interlocked.Increment(ref _calls) <= times ? (int)failure : StatusCodes.Status200OK;
            return Task.CompletedTask;
        }));

    /// <summary>A client as every service has it.</summary>
    private static HttpClient Defaults(params (string, string?)[] settings)
    {
        var builder = LocalServer.CreateBuilder(settings);
        builder.AddServiceDefaults();
        return builder.Services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>().CreateClient();
    }

    private static HttpClient Client(Action<HttpStandardResilienceOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddHttpClient("test").AddStandardResilienceHandler(configure).SelectPipelineByAuthority();
        return services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>().CreateClient("test");
    }
}
