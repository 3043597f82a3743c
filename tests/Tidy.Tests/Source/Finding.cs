namespace CloudStore.Tidy.Tests.Source;

/// <summary>A place where a house rule is broken.</summary>
/// <param name="Path">Path below the repository's root, with slashes.</param>
/// <param name="Line">1-based line.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
public sealed record Finding(string Path, int Line, string Reason)
{
    public override string ToString() => $"{Path}:{Line}  {Reason}";

    /// <summary>Fails the test with one line for each finding.</summary>
    public static void AssertNone(IEnumerable<Finding> findings)
    {
        var lines = findings.Select(finding => finding.ToString()).Order(StringComparer.Ordinal).ToList();
        if (lines.Count > 0)
            Assert.Fail($"{lines.Count} broken:\n{string.Join('\n', lines)}");
    }
}
