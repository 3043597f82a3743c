using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Api.Tests.ServiceDefaults;

public sealed class DiscoveryTests
{
    [Fact]
    public async Task A_service_is_reached_by_its_name()
    {
        await using var one = await ServerAsync("one");

        Assert.Equal("one /orders?page=2", await GetAsync("http://catalog/orders?page=2", ("services:catalog:http:0", one.Address())));
    }

    [Fact]
    public async Task The_path_of_the_configured_address_comes_first()
    {
        await using var one = await ServerAsync("one");

        Assert.Equal("one /base/orders", await GetAsync("http://catalog/orders", ("services:catalog:http:0", one.Address() + "/base/")));
    }

    [Fact]
    public async Task Instances_take_turns()
    {
        await using var one = await ServerAsync("one");
        await using var two = await ServerAsync("two");
        await using var services = Services(("services:catalog:http:0", one.Address()), ("services:catalog:http:1", two.Address()));
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient();

        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await client.GetStringAsync(new Uri("http://catalog/"), TestContext.Current.CancellationToken));
        }

        Assert.Equal(2, answers.Count(a => a == "one /"));
        Assert.Equal(2, answers.Count(a => a == "two /"));
    }

    [Fact]
    public async Task Https_is_preferred_and_http_is_used_where_it_is_all_there_is()
    {
        await using var one = await ServerAsync("one");

        Assert.Equal("one /", await GetAsync("https+http://catalog/", ("services:catalog:http:0", one.Address())));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(
            "https+http://catalog/",
            ("services:catalog:https:0", "https://127.0.0.1:1"),
            ("services:catalog:http:0", one.Address())));
    }

    [Fact]
    public async Task A_named_endpoint_of_a_service_is_reached()
    {
        await using var plain = await ServerAsync("plain");
        await using var admin = await ServerAsync("admin");

        Assert.Equal("admin /", await GetAsync(
            "http://_admin.catalog/", ("services:catalog:http:0", plain.Address()), ("services:catalog:admin:0", admin.Address())));
    }

    [Fact]
    public async Task A_host_and_port_are_enough()
    {
        await using var one = await ServerAsync("one");

        Assert.Equal("one /", await GetAsync("http://catalog/", ("services:catalog:http:0", one.Address()["http://".Length..])));
    }

    [Fact]
    public async Task A_name_that_is_not_configured_is_left_to_DNS()
    {
        await using var one = await ServerAsync("one");

        Assert.Equal("one /", await GetAsync(one.Address() + "/", ("services:catalog:http:0", "http://127.0.0.1:1")));
    }

    [Fact]
    public async Task A_change_of_configuration_is_followed()
    {
        await using var one = await ServerAsync("one");
        await using var two = await ServerAsync("two");
        var builder = Builder(("services:catalog:http:0", one.Address()));
        await using var services = builder.Services.BuildServiceProvider();
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal("one /", await client.GetStringAsync(new Uri("http://catalog/"), cancellation));

        builder.Configuration["services:catalog:http:0"] = two.Address();
        ((IConfigurationRoot)builder.Configuration).Reload();

        Assert.Equal("two /", await client.GetStringAsync(new Uri("http://catalog/"), cancellation));
    }

    private static Task<WebApplication> ServerAsync(string name) =>
        LocalServer.StartAsync(app => app.Run(http => http.Response.WriteAsync($"{name} {http.Request.Path}{http.Request.QueryString}")));

    private static async Task<string> GetAsync(string uri, params (string, string?)[] settings)
    {
        await using var services = Services(settings);
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        return await client.GetStringAsync(new Uri(uri), TestContext.Current.CancellationToken);
    }

    private static ServiceProvider Services(params (string, string?)[] settings) => Builder(settings).Services.BuildServiceProvider();

    private static WebApplicationBuilder Builder(params (string, string?)[] settings)
    {
        var builder = LocalServer.CreateBuilder(settings);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        return builder;
    }
}
