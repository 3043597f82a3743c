using System.Text.RegularExpressions;
using CloudStore.Tidy.Tests.Source;

namespace CloudStore.Tidy.Tests.Rules;

/// <summary>Calls the house does without, each with the reason. Looked for in code, not in comments or strings.</summary>
public static class BannedCallRule
{
    private sealed record Ban(Regex Pattern, string Reason, Func<SourceFile, bool> Applies);

    private static readonly Ban[] Bans =
    [
        new(new(@"\bDateTime(Offset)?\s*\.\s*(UtcNow|Now|Today)\b"), "take the time from TimeProvider, so that tests can move it", Everywhere),
        new(new(@"\bThread\s*\.\s*Sleep\b"), "blocks a thread: wait for a condition, or Task.Delay with a TimeProvider", Everywhere),
        new(new(@"\.\s*GetAwaiter\s*\(\s*\)\s*\.\s*GetResult\b"), "blocks a thread on a task: await it", Everywhere),
        // An Outcome is Polly's: it is there already and not a task.
        new(new(@"(\w+|[)\]])(?<!\b[Oo]utcome)\s*\??\s*\.\s*Result\b(?!\s*(\(|<|=(?!=)))"), "blocks a thread on a task: await it", Everywhere),
        new(new(@"(\w+|[)\]])\s*\??\s*\.\s*Wait\s*\("), "blocks a thread: await the task, or WaitAsync of a semaphore", Everywhere),
        new(new(@"\bConsole\s*\.\s*(Out\s*\.\s*|Error\s*\.\s*)?Write(Line)?\b"), "log it: the console belongs to Program.cs and the commands", NotAtTheConsole),
        new(new(@"\bnew\s+HttpClient\s*\("), "IHttpClientFactory gives clients with resilience and discovery", Product),
        new(new(@"^[ \t]*#[ \t]*(if|elif)\b", RegexOptions.Multiline), "the two builds differ in files, not in lines: see ServiceDefaults/WithoutAspire", Everywhere),
        new(new(@"\bGuid\s*\.\s*NewGuid\b"), "keys are UUIDv7 (Guid.CreateVersion7): random ones scatter over an index", Product),
        new(new(@"\bRandom\s*\.\s*Shared\b|\bnew\s+Random\s*\("), "guessable: RandomNumberGenerator makes secrets and jitter alike", Product),
    ];

    public static IEnumerable<Finding> Check(SourceFile file) =>
        from ban in Bans
        where ban.Applies(file)
        from match in ban.Pattern.Matches(file.Code)
        select new Finding(file.Path, file.LineAt(match.Index), $"{match.Value.Trim()}: {ban.Reason}");

    private static bool Everywhere(SourceFile file) => !file.IsGenerated;

    private static bool Product(SourceFile file) => file.IsProduct && !file.IsGenerated;

    private static bool NotAtTheConsole(SourceFile file) => Product(file) && !file.Path.EndsWith("/Program.cs", StringComparison.Ordinal)
        && !file.Path.StartsWith("AppHost/", StringComparison.Ordinal) && !file.Path.StartsWith("Storage/Operations/Commands/", StringComparison.Ordinal);
}
