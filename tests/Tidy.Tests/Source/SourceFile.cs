using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace CloudStore.Tidy.Tests.Source;

/// <summary>A text file of the repository, or a snippet that stands for one in a rule's own test.</summary>
/// <param name="path">Path below the repository's root, with slashes.</param>
/// <param name="text">Its whole content.</param>
public sealed class SourceFile(string path, string text)
{
    private readonly Lazy<SyntaxNode> _syntax = new(() => CSharpSyntaxTree.ParseText(text).GetRoot());
    private readonly Lazy<string> _code = new(() => Blank(text));

    public string Path { get; } = path;

    public string Text { get; } = text;

    public string[] Lines { get; } = text.Split('\n');

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>C# that ships, in contrast to tests.</summary>
    public bool IsProduct => IsCSharp && !Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>Written by a tool: EF's migrations.</summary>
    public bool IsGenerated => Path.Contains("/Migrations/", StringComparison.Ordinal) || Path.EndsWith(".g.cs", StringComparison.Ordinal);

    /// <summary>The parsed file; only of use where <see cref="IsCSharp"/>.</summary>
    public SyntaxNode Syntax => _syntax.Value;

    /// <summary>The text with comments and the content of string and character literals blanked out. Lines and columns stay where they were.</summary>
    public string Code => _code.Value;

    /// <summary>1-based line of a position in <see cref="Text"/> or <see cref="Code"/>.</summary>
    public int LineAt(int position) => Text.AsSpan(0, position).Count('\n') + 1;

    /// <summary>The folder of the file, e.g. <c>Storage/Records</c>; empty at the root.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');

    private static string Blank(string text)
    {
        var characters = text.ToCharArray();
        var root = CSharpSyntaxTree.ParseText(text).GetRoot();
        foreach (var token in root.DescendantTokens(descendIntoTrivia: false))
        {
            if (IsLiteralText(token))
                Erase(characters, token.Span.Start, token.Span.End);
            foreach (var trivia in token.LeadingTrivia.Concat(token.TrailingTrivia).Where(IsComment))
                Erase(characters, trivia.FullSpan.Start, trivia.FullSpan.End);
        }
        return new string(characters);
    }

    private static bool IsLiteralText(SyntaxToken token) => token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.Utf8StringLiteralToken
        or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken or SyntaxKind.Utf8SingleLineRawStringLiteralToken
        or SyntaxKind.Utf8MultiLineRawStringLiteralToken or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.CharacterLiteralToken;

    internal static bool IsComment(SyntaxTrivia trivia) => trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
        or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia;

    private static void Erase(char[] characters, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (characters[i] is not ('\n' or '\r'))
                characters[i] = ' ';
        }
    }
}
