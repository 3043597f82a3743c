using System.Diagnostics;
using System.Text.RegularExpressions;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Docs;

/// <summary>The console blocks of a page: its commands, run by bash one after the other in one shell, and the output that the page shows for each.</summary>
public sealed partial class Tour
{
    private const string Mark = "=== next command ===";
    private readonly List<(string Command, List<string> Shown)> _steps = [];

    private Tour(string page)
    {
        bool inside = false;
        foreach (var line in page.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = line == "```console";
            }
            else if (inside && line.StartsWith("$ ", StringComparison.Ordinal))
            {
                _steps.Add((line[2..], []));
            }
            else if (inside && line.Length > 0)
            {
                _steps[^1].Shown.Add(line);
            }
        }
    }

    public int Count => _steps.Count;

    public static Tour Of(string page) => new(File.ReadAllText(Path.Combine(RepositoryRoot.Find()!.FullName, page)));

    /// <summary>Runs the commands against a server and compares what they print. In what the page shows, <c>...</c> stands for anything and any UUID for any other.</summary>
    public async Task RunAsync(ApiServer server, CancellationToken cancellationToken)
    {
        var script = string.Join("\n", _steps.Select(s => $"{s.Command}\necho; echo '{Mark}'"))
            .Replace("http://localhost:5080", server.Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("$(cat data/access-key)", ApiServer.OperatorKey, StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-c", $"set -e -o pipefail\n{script}"]) { WorkingDirectory = RepositoryRoot.Find()!.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        using var shell = Process.Start(start)!;
        var errors = shell.StandardError.ReadToEndAsync(cancellationToken);
        var output = await shell.StandardOutput.ReadToEndAsync(cancellationToken);
        await shell.WaitForExitAsync(cancellationToken);
        Assert.True(shell.ExitCode == 0, $"{output}\n{await errors}");
        var printed = output.Split(Mark);
        for (int i = 0; i < _steps.Count; i++)
        {
            foreach (var shown in _steps[i].Shown)
            {
                Assert.True(Matches(shown, printed[i]), $"'{_steps[i].Command}' should print\n{shown}\nbut printed\n{printed[i]}");
            }
        }
    }

    private static bool Matches(string shown, string printed)
    {
        var pattern = Regex.Escape(shown).Replace("\\.\\.\\.", ".*", StringComparison.Ordinal);
        return Regex.IsMatch(printed, $"(?m)^{Uuid().Replace(pattern, "[0-9a-f-]{36}")}\\r?$");
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();
}
