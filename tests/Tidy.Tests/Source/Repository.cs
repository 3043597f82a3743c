using System.Text.RegularExpressions;
using CloudStore.TestKit;

namespace CloudStore.Tidy.Tests.Source;

/// <summary>The repository's text files as they stand on disk, without what .gitignore leaves out.</summary>
public static class Repository
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> Loaded = new(Load);

    private static readonly HashSet<string> Extensions = new(StringComparer.Ordinal)
    {
        ".cs", ".csproj", ".props", ".targets", ".sln", ".json", ".yml", ".yaml", ".md", ".sh", ".js", ".mjs", ".css", ".html", ".sql", ".txt",
        ".editorconfig", ".gitignore", ".gitattributes", "",
    };

    /// <summary>Full path of the folder that holds CloudStore.sln.</summary>
    public static string Root { get; } = RepositoryRoot.Find()?.FullName ?? throw new InvalidOperationException("no CloudStore.sln above the tests");

    public static IReadOnlyList<SourceFile> Files => Loaded.Value;

    public static IEnumerable<SourceFile> CSharp => Files.Where(file => file.IsCSharp);

    public static IEnumerable<SourceFile> Product => Files.Where(file => file.IsProduct && !file.IsGenerated);

    /// <summary>Tells which paths a .gitignore of folder names (<c>bin/</c>), name patterns (<c>*.user</c>) and exceptions (<c>!/docs/data/</c>) leaves out.</summary>
    public static Func<string, bool> Ignored(string gitignore)
    {
        var lines = gitignore.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToList();
        var rules = lines.Select(line => (Keep: line[0] == '!', Pattern: ToRegex(line.TrimStart('!')))).ToList();
        return path => rules.LastOrDefault(rule => rule.Pattern.IsMatch(path)) is { Pattern: not null, Keep: false };
    }

    private static Regex ToRegex(string pattern)
    {
        var anchored = pattern.StartsWith('/');
        var folder = pattern.EndsWith('/');
        var name = Regex.Escape(pattern.Trim('/')).Replace("\\*", "[^/]*", StringComparison.Ordinal);
        return new Regex((anchored ? "^" : "(^|/)") + name + (folder ? "/" : "(/|$)"));
    }

    private static List<SourceFile> Load()
    {
        var ignored = Ignored(File.ReadAllText(Path.Combine(Root, ".gitignore")));
        var files = new List<SourceFile>();
        Collect(new DirectoryInfo(Root), ignored, files);
        return files;
    }

    private static void Collect(DirectoryInfo folder, Func<string, bool> ignored, List<SourceFile> files)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().Where(entry => entry.Name != ".git" && entry.LinkTarget is null))
        {
            var path = Path.GetRelativePath(Root, entry.FullName).Replace('\\', '/');
            if (entry is DirectoryInfo inner && !ignored(path + "/"))
                Collect(inner, ignored, files);
            else if (entry is FileInfo && !ignored(path) && Extensions.Contains(entry.Extension))
                files.Add(new SourceFile(path, File.ReadAllText(entry.FullName)));
        }
    }
}
