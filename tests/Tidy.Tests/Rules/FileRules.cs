using System.Text.RegularExpressions;
using CloudStore.Tidy.Tests.Source;

namespace CloudStore.Tidy.Tests.Rules;

/// <summary>Rules for files of any kind: scripts, documents, settings.</summary>
public static partial class FileRules
{
    /// <summary>A script that cannot be started is found out by the one who clones.</summary>
    /// <param name="file">Any file; one is a script by its first line or by ending in .sh.</param>
    /// <param name="mode">Its permissions.</param>
    public static IEnumerable<Finding> Executable(SourceFile file, UnixFileMode mode)
    {
        var script = file.Text.StartsWith("#!", StringComparison.Ordinal) || file.Path.EndsWith(".sh", StringComparison.Ordinal);
        return script && (mode & UnixFileMode.UserExecute) == 0 ? [new Finding(file.Path, 1, "a script, but not executable (git update-index --chmod=+x)")] : [];
    }

    /// <summary>Paths of one machine and hosts that packages come from are settings of whoever builds, never of the repository.</summary>
    public static IEnumerable<Finding> MachineNames(SourceFile file) => Paths().Matches(file.Text)
        .Select(match => new Finding(file.Path, file.LineAt(match.Index), $"{match.Value}: a path of one machine"))
        .Concat(Hosts().Matches(file.Text).Select(match => new Finding(file.Path, file.LineAt(match.Index), $"{match.Value}: a package registry's host")));

    /// <summary>A document's links to files of the repository lead somewhere.</summary>
    /// <param name="file">A Markdown file.</param>
    /// <param name="exists">Whether a path below the root is a file or folder.</param>
    public static IEnumerable<Finding> Links(SourceFile file, Func<string, bool> exists)
    {
        // Code blocks are left out; their line breaks stay, so that lines keep their numbers.
        var prose = Fences().Replace(file.Text, block => new string('\n', block.Value.AsSpan().Count('\n')));
        foreach (Match match in LinkTargets().Matches(prose))
        {
            var target = Uri.UnescapeDataString(match.Groups["target"].Value.Split('#')[0]);
            if (target.Length == 0 || Schemes().IsMatch(target))
                continue;
            var path = target.StartsWith('/') ? target[1..] : $"{file.Folder}/{target}";
            if (!exists(path.TrimStart('/')))
                yield return new Finding(file.Path, prose.AsSpan(0, match.Index).Count('\n') + 1, $"link to {target}, which is not there");
        }
    }

    [GeneratedRegex(@"(?<![\w./~-])/(?:home|Users)/[A-Za-z]\w*|(?<![\w./~-])/(?:root|work)/[\w.]|\b[A-Za-z]:\\Users\\")]
    private static partial Regex Paths();

    [GeneratedRegex(@"\b(?:api\.nuget\.org|(?:www\.)?nuget\.org/api|registry\.npmjs\.org|pypi\.org/simple|\w+\.pkgs\.visualstudio\.com|pkgs\.dev\.azure\.com|[\w-]+\.pkg\.dev|[\w.-]*artifactory[\w-]*\.\w+)")]
    private static partial Regex Hosts();

    [GeneratedRegex(@"!?\[[^\]]*\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex LinkTargets();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex Schemes();
}
