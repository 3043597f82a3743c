using System.Text.RegularExpressions;
using System.Xml.Linq;
using CloudStore.Tidy.Tests.Source;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudStore.Tidy.Tests.Rules;

/// <summary>
/// Dependencies point one way: Api, Ingestion -> Storage's areas -> Storage's engine -> ServiceDefaults, and an area never uses another. Files
/// directly in Storage compose the parts and may name all of them.
/// </summary>
public static partial class DependencyRule
{
    private static readonly string[] Areas = ["Campaigns", "Retail", "Voice", "Market", "Validation"];
    private static readonly string[] Engine = ["Records", "Access", "Protection", "Cache", "Files", "Series", "Imports", "Exports", "Operations"];

    // What each project may refer to. One that is not listed may refer to any.
    private static readonly Dictionary<string, string[]> Projects = new(StringComparer.Ordinal)
    {
        ["ServiceDefaults"] = [],
        ["Storage"] = ["ServiceDefaults"],
        ["Api"] = ["Storage", "ServiceDefaults"],
        ["Ingestion"] = ["Storage", "ServiceDefaults"],
    };

    public static IEnumerable<Finding> Check(SourceFile file)
    {
        var folders = file.Path.Split('/');
        var part = folders.Length > 2 && folders[0] == "Storage" ? folders[1] : "";
        return file.Syntax.DescendantNodes()
            .Where(node => node is NameSyntax or MemberAccessExpressionSyntax && node.Parent is not (QualifiedNameSyntax or MemberAccessExpressionSyntax))
            .Select(node => (Name: Spaces().Replace(node.ToString(), ""), node.SpanStart))
            .Select(use => (use.SpanStart, Reason: Why(folders[0], part, use.Name)))
            .Where(use => use.Reason is not null)
            .Select(use => new Finding(file.Path, file.LineAt(use.SpanStart), use.Reason!));
    }

    /// <summary>The same of the project files, which also covers what the source names without writing a namespace.</summary>
    public static IEnumerable<Finding> CheckProject(SourceFile file)
    {
        if (!Projects.TryGetValue(Path.GetFileNameWithoutExtension(file.Path), out var allowed))
            return [];
        return XDocument.Parse(file.Text).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
            .SelectMany(name => NotAllowed(file.Path, allowed, name));
    }

    /// <summary>The same of compiled assemblies, by name without "CloudStore.".</summary>
    public static IEnumerable<Finding> CheckAssembly(string name, IEnumerable<string> referenced) =>
        Projects.TryGetValue(name, out var allowed) ? referenced.SelectMany(other => NotAllowed($"{name}.dll", allowed, other)) : [];

    private static IEnumerable<Finding> NotAllowed(string path, string[] allowed, string name) =>
        allowed.Contains(name) ? [] : [new Finding(path, 1, $"may not refer to {name}; allowed: {(allowed.Length == 0 ? "nothing" : string.Join(", ", allowed))}")];

    private static string? Why(string project, string part, string name)
    {
        foreach (var other in Projects.Keys.Where(other => other != project))
        {
            if (Projects.TryGetValue(project, out var allowed) && !allowed.Contains(other) && Names(name, "CloudStore." + other))
                return $"{project} may not use {other} ({name})";
        }
        var area = Array.Find(Areas, area => area != part && (Names(name, area) || Names(name, "Storage." + area) || Names(name, "CloudStore.Storage." + area)));
        if (area is null || name == area)
            return null;
        if (Engine.Contains(part))
            return $"the engine ({part}) may not use an area ({name}): what two areas need is engine, what one needs stays there";
        return Areas.Contains(part) ? $"area {part} may not use area {area} ({name}): move what both need to the engine" : null;
    }

    private static bool Names(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || name[prefix.Length] == '.');

    [GeneratedRegex(@"\s+|^global::")]
    private static partial Regex Spaces();
}
