using CloudStore.Api;
using CloudStore.Ingestion;
using CloudStore.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Benchmarks;

/// <summary>API, workers and keeper in one process, put together as the product's own host does it, on a free port.</summary>
internal static class MeasuredServer
{
    /// <summary>Serves until standard input ends.</summary>
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = HostArguments.Of(args), EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environments.Production });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddStorage();
        builder.AddKeeper();
        builder.AddIngestion();
        builder.AddApi();
        var app = builder.Build();
        app.MapApi();
        app.MapIngestion();
        app.MapDefaultEndpoints();
        await app.StartAsync();
        // Standard input ends with the process that started this one, however that ended.
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }
}
