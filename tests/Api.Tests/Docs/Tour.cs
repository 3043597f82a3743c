using System.Diagnostics;
using System.Text.RegularExpressions;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Docs;

/// <summary>
/// The console blocks of a page: its commands, run by bash one after the other in one shell, and the output that the page shows for each. A command whose
/// line ends with a backslash or a bar goes on in the next line.
/// </summary>
public sealed partial class Tour
{
    private const string Mark = "=== next command ===";
    private readonly List<(string Command, List<string> Shown)> _steps = [];
    private readonly List<string> _callsElsewhere = [];

    private Tour(string page)
    {
        bool fenced = false, inside = false;
        foreach (var line in page.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                (fenced, inside) = (!fenced, line == "```console");
            }
            else if (inside)
            {
                Add(line);
            }
            else if (fenced && line.Contains("curl ", StringComparison.Ordinal))
            {
                _callsElsewhere.Add(line);
            }
        }
    }

    /// <summary>How many of the commands call the server.</summary>
    public int Calls => _steps.Count(s => s.Command.Contains("curl ", StringComparison.Ordinal));

    /// <summary>Lines with curl in blocks that are no console blocks, and so are not run.</summary>
    public IReadOnlyList<string> CallsElsewhere => _callsElsewhere;

    public static Tour Of(string page) => new(File.ReadAllText(Path.Combine(RepositoryRoot.Find()!.FullName, page)));

    /// <summary>Runs the commands against a server and compares what they print. In what the page shows, <c>...</c> stands for anything and any UUID for any other.</summary>
    public async Task RunAsync(ApiServer server, CancellationToken cancellationToken)
    {
        var script = string.Join("\n", _steps.Select(s => $"{s.Command}\necho; echo '{Mark}'"))
            .Replace("http://localhost:5080", server.Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("$(cat data/access-key)", ApiServer.OperatorKey, StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-c", $"set -e -o pipefail\n{script}"]) { WorkingDirectory = RepositoryRoot.Find()!.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        using var shell = Process.Start(start)!;
        // A page may wait for a job in a loop that has no end where the job has none.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var killing = patience.Token.Register(() => shell.Kill(entireProcessTree: true));
        patience.CancelAfter(TimeSpan.FromMinutes(5));
        var errors = shell.StandardError.ReadToEndAsync(cancellationToken);
        var output = await shell.StandardOutput.ReadToEndAsync(cancellationToken);
        await shell.WaitForExitAsync(cancellationToken);
        Assert.True(shell.ExitCode == 0, $"{output}\n{await errors}");
        Assert.Equal("", await errors);
        var printed = output.Split(Mark);
        for (int i = 0; i < _steps.Count; i++)
        {
            foreach (var shown in _steps[i].Shown)
            {
                Assert.True(Matches(shown, printed[i]), $"'{_steps[i].Command}' should print\n{shown}\nbut printed\n{printed[i]}");
            }
        }
    }

    private void Add(string line)
    {
        if (line.StartsWith("$ ", StringComparison.Ordinal))
        {
            _steps.Add((line[2..], []));
        }
        else if (_steps.Count > 0 && _steps[^1] is ([.., '\\' or '|'] unfinished, { Count: 0 } shown))
        {
            _steps[^1] = ($"{unfinished}\n{line}", shown);
        }
        else if (line.Length > 0)
        {
            _steps[^1].Shown.Add(line);
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
