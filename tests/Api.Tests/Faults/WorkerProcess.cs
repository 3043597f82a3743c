using System.Diagnostics;
using System.Globalization;
using CloudStore.Ingestion;

namespace CloudStore.Api.Tests.Faults;

/// <summary>The Ingestion service as a process of its own, on the database and folder of a server in this process. Ended by SIGKILL, unless asked to stop.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process)
    {
        _process = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <param name="server">Whose database and folder it works on.</param>
    /// <param name="environment">Further environment variables.</param>
    public static WorkerProcess Start(ApiServer server, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ImportWorkers).Assembly.Location, "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = server.DataFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Data__Root"] = server.DataFolder;
        start.Environment["ConnectionStrings__records"] = server.ConnectionString ?? "";
        start.Environment["Imports__BatchRows"] = "500";
        start.Environment["Imports__LeaseSeconds"] = "1";
        start.Environment["Imports__PollMilliseconds"] = "50";
        start.Environment["Imports__MaxAttempts"] = "100";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new WorkerProcess(Process.Start(start)!);
    }

    /// <summary>Asks the process to stop as service managers do (SIGTERM), and gives its exit code; fails where it does not end in time.</summary>
    public async Task<int> TerminateAsync(TimeSpan within)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(within, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Kills the process as a machine that loses power would, and waits until it is gone.</summary>
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
