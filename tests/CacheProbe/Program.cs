using CloudStore.CacheProbe;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// One process of several. Settings come from the environment as a service's do. It says "ready" when its cache shares something, waits for a line, does its work,
// and prints what came of it.
var builder = Host.CreateApplicationBuilder();
builder.AddRecords();
builder.AddSharedCache();
builder.Services.AddCloudStoreCache();
using var host = builder.Build();
var shared = host.Services.GetRequiredService<ISharedCache>();
var cache = host.Services.GetRequiredService<CacheEngine>().For("acme");
while (shared.Health is { Circuit: not "closed" })
{
    await Task.Delay(10);
}

Console.WriteLine("ready");
await Console.In.ReadLineAsync();
await (args switch
{
    ["history", var folder, var node, var nodes, var seconds] => new HistoryWork(cache, folder, int.Parse(node, null), int.Parse(nodes, null)).RunAsync(TimeSpan.FromSeconds(double.Parse(seconds, null))),
    ["stampede", var folder, var callers] => StampedeWork.RunAsync(cache, folder, int.Parse(callers, null)),
    _ => throw new ArgumentException("history FOLDER NODE NODES SECONDS | stampede FOLDER CALLERS"),
});
Environment.Exit(0);
