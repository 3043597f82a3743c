using System.Text.RegularExpressions;
using CloudStore.Tidy.Tests.Source;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudStore.Tidy.Tests.Rules;

/// <summary>How a C# file looks: its length, its namespace, its comments, its whitespace, and nothing left unfinished in it.</summary>
public static partial class ShapeRules
{
    public const int MaxLines = 400;

    public static IEnumerable<Finding> Length(SourceFile file)
    {
        var lines = file.Lines.Length - (file.Text.EndsWith('\n') ? 1 : 0);
        return file.IsGenerated || lines <= MaxLines ? [] : [new Finding(file.Path, MaxLines + 1, $"{lines} lines; a file is one idea, {MaxLines} lines at most")];
    }

    /// <summary>
    /// The namespace is the folder's, except in ServiceDefaults: extension methods there live in the namespaces of what they extend, and
    /// WithoutAspire has the namespaces of the packages it stands in for.
    /// </summary>
    public static IEnumerable<Finding> Namespace(SourceFile file)
    {
        var folder = file.Folder.StartsWith("tests/", StringComparison.Ordinal) ? file.Folder["tests/".Length..] : file.Folder;
        var expected = "CloudStore." + folder.Replace('/', '.');
        foreach (var space in file.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
        {
            var name = space.Name.ToString();
            if (name != expected && name != "CloudStore.ServiceDefaults.WithoutAspire" && !Borrowed(file).Contains(name.Split('.')[0]))
                yield return new Finding(file.Path, file.LineAt(space.SpanStart), $"namespace {name} does not follow the folder: {expected}");
        }
    }

    /// <summary>A public type says in a comment what it guarantees. Of a partial type one part does.</summary>
    public static IEnumerable<Finding> TypeComments(IReadOnlyCollection<SourceFile> files)
    {
        var types = files.SelectMany(file => file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax && IsPublic(node)).Select(node => (File: file, Node: node)));
        return types.GroupBy(type => $"{type.File.Folder}/{Name(type.Node)}")
            .Where(parts => !parts.Any(part => HasComment(part.Node)))
            .Select(parts => parts.First())
            .Select(type => new Finding(type.File.Path, type.File.LineAt(type.Node.SpanStart), $"public type {Name(type.Node)} has no doc comment saying what it guarantees"));
    }

    public static IEnumerable<Finding> Whitespace(SourceFile file)
    {
        for (var i = 0; i < file.Lines.Length; i++)
        {
            var line = file.Lines[i];
            if (line.EndsWith('\r'))
                yield return new Finding(file.Path, i + 1, "line ends with CR LF; LF alone is the house's");
            else if (line.Length > 0 && line[^1] is ' ' or '\t')
                yield return new Finding(file.Path, i + 1, "space at the end of the line");
            if (line.Contains('\t', StringComparison.Ordinal))
                yield return new Finding(file.Path, i + 1, "tab; indent with spaces, write \\t in strings");
        }
        if (file.Text.Length > 0 && !file.Text.EndsWith('\n'))
            yield return new Finding(file.Path, file.Lines.Length, "no line break at the end of the file");
    }

    /// <summary>Marks of something unfinished: in comments of C#, anywhere in scripts and build files.</summary>
    public static IEnumerable<Finding> Unfinished(SourceFile file)
    {
        if (!file.IsCSharp)
            return Marks().Matches(file.Text).Select(match => At(file, match.Index, match.Value));
        var comments = file.Syntax.DescendantTrivia().Where(SourceFile.IsComment)
            .SelectMany(trivia => Marks().Matches(trivia.ToFullString()).Select(match => At(file, trivia.FullSpan.Start + match.Index, match.Value)));
        var code = Unwritten().Matches(file.Code).Select(match => At(file, match.Index, match.Value));
        return comments.Concat(code);
    }

    private static string[] Borrowed(SourceFile file) =>
        file.Path.StartsWith("ServiceDefaults/WithoutAspire/", StringComparison.Ordinal) ? ["Microsoft", "Aspire", "OpenTelemetry"]
        : file.Path.StartsWith("ServiceDefaults/", StringComparison.Ordinal) ? ["Microsoft"] : [];

    private static Finding At(SourceFile file, int position, string mark) => new(file.Path, file.LineAt(position), $"{mark} marks something unfinished: finish it or file an issue");

    private static bool IsPublic(SyntaxNode node) => node.AncestorsAndSelf().OfType<MemberDeclarationSyntax>()
        .All(member => member is BaseNamespaceDeclarationSyntax || member.Modifiers.Any(SyntaxKind.PublicKeyword));

    private static bool HasComment(SyntaxNode node) => node.GetLeadingTrivia().Any(trivia => trivia.GetStructure() is DocumentationCommentTriviaSyntax);

    private static string Name(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => "",
    };

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HA[C]K)\b")]
    private static partial Regex Marks();

    [GeneratedRegex(@"\bNotImplementedException\b")]
    private static partial Regex Unwritten();
}
