using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Api.Tests.ServiceDefaults;

/// <summary>A real Kestrel server in this process, on a free port.</summary>
internal static class LocalServer
{
    public static WebApplicationBuilder CreateBuilder(params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        return builder;
    }

    /// <summary>Starts a server that only has the routes given.</summary>
    public static async Task<WebApplication> StartAsync(Action<WebApplication> map)
    {
        var app = CreateBuilder().Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Where the server listens, without a slash at the end.</summary>
    public static string Address(this WebApplication app) => app.Urls.Single();
}
