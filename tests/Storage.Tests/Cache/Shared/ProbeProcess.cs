using System.Diagnostics;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Cache.Shared;

/// <summary>A process of tests/CacheProbe on a test's own Redis and database.</summary>
internal sealed class ProbeProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ProbeProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it and waits until its cache shares something.</summary>
    public static async Task<ProbeProcess> StartAsync(RedisServer redis, PostgresDatabase? postgres, string folder, (string Name, string Value)[] settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CloudStore.CacheProbe.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["ConnectionStrings__cache"] = redis.Address;
        start.Environment["ConnectionStrings__records"] = postgres?.ConnectionString;
        start.Environment["Logging__LogLevel__Default"] = "None";
        start.Environment["Data__Root"] = folder;
        foreach (var (name, value) in settings)
        {
            start.Environment[$"Cache__{name}"] = value;
        }

        var probe = new ProbeProcess(Process.Start(start)!);
        Assert.Equal("ready", await probe.LineAsync());
        return probe;
    }

    public Task GoAsync() => _process.StandardInput.WriteLineAsync("go");

    public async Task<string> LineAsync() =>
        await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException($"The process ended: {await _errors}");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }
}
