using System.Globalization;

namespace CloudStore.Benchmarks;

/// <summary>Load of 32 connections by wrk.</summary>
internal static class Wrk
{
    public const int Connections = 32;

    /// <param name="Rate">Requests per second.</param>
    /// <param name="P50">Milliseconds.</param>
    /// <param name="P99">Milliseconds.</param>
    public sealed record Result(double Rate, double P50, double P99)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p50 {P50:0.00} ms, p99 {P99:0.00} ms");
    }

    /// <exception cref="InvalidOperationException">A request failed.</exception>
    public static async Task<Result> RunAsync(ServerProcess server, string script, int seconds, IReadOnlyDictionary<string, string> variables)
    {
        using var folder = new Scratch();
        var file = folder.File("script.lua");
        await File.WriteAllTextAsync(file, await ScriptAsync(script) + await ScriptAsync("result.lua"));
        var output = await Tools.RunAsync("wrk", ["-t1", $"-c{Connections}", $"-d{seconds}s", "-s", file, server.Url],
            new Dictionary<string, string>(variables) { ["KEY"] = server.Key, ["RUN"] = Guid.NewGuid().ToString("N") });
        var numbers = output.Split('\n').Last(l => l.StartsWith("RESULT ", StringComparison.Ordinal)).Split(' ')[1..].Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return numbers[4] == 0
            ? new Result(numbers[0] / numbers[1] * 1e6, numbers[2] / 1000, numbers[3] / 1000)
            : throw new InvalidOperationException($"{numbers[4]} of {numbers[0]} requests failed in {script}.");
    }

    private static Task<string> ScriptAsync(string name) => File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Scripts", name));
}
