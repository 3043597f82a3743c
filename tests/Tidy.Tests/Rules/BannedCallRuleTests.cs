using CloudStore.Tidy.Tests.Source;

namespace CloudStore.Tidy.Tests.Rules;

public sealed class BannedCallRuleTests
{
    [Theory]
    [InlineData("var t = DateTime.UtcNow;")]
    [InlineData("var t = System.DateTimeOffset.Now;")]
    [InlineData("var t = $\"at {DateTime.UtcNow:O}\";")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("Load().GetAwaiter().GetResult();")]
    [InlineData("var x = Load().Result;")]
    [InlineData("var x = task.Result.Count;")]
    [InlineData("task.Wait();")]
    [InlineData("Console.WriteLine(1);")]
    [InlineData("Console.Error.Write(1);")]
    [InlineData("var c = new HttpClient();")]
    [InlineData("\n#if DEBUG\n#endif\n")]
    [InlineData("var g = Guid.NewGuid();")]
    [InlineData("var r = Random.Shared.Next();")]
    [InlineData("var r = new Random(1);")]
    public void A_banned_call_is_found(string statement) =>
        Assert.Single(BannedCallRule.Check(InMethod("Storage/Records/A.cs", statement)));

    [Theory]
    [InlineData("Storage/Records/A.cs", "// DateTime.UtcNow would not do")]
    [InlineData("Storage/Records/A.cs", "/* Thread.Sleep(1) */ var s = \"Thread.Sleep(1)\";")]
    [InlineData("Storage/Records/A.cs", "var s = \"\"\"\n  task.Wait();\n  \"\"\";")]
    [InlineData("Storage/Records/A.cs", "var r = new Job { Result = 1 }; r.Results.Clear(); await r.WaitAsync();")]
    [InlineData("Storage/Records/A.cs", "var code = attempt.Outcome.Result?.StatusCode;")]
    [InlineData("Storage/Records/A.cs", "var code = outcome.Result;")]
    [InlineData("Storage/Records/A.cs", "var g = Guid.CreateVersion7(); var t = time.GetUtcNow();")]
    [InlineData("Storage/Program.cs", "Console.WriteLine(1);")]
    [InlineData("Storage/Operations/Commands/A.cs", "Console.WriteLine(1);")]
    [InlineData("tests/Api.Tests/A.cs", "var c = new HttpClient(); var r = new Random(7);")]
    public void What_is_allowed_is_not_found(string path, string statement) => Assert.Empty(BannedCallRule.Check(InMethod(path, statement)));

    [Fact]
    public void A_finding_names_the_line_and_the_reason()
    {
        var finding = Assert.Single(BannedCallRule.Check(new SourceFile("Storage/A.cs", "class A\n{\n    object o = DateTime.UtcNow;\n}\n")));
        Assert.StartsWith("Storage/A.cs:3  DateTime.UtcNow: take the time from TimeProvider", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_fail_a_test_and_their_absence_does_not()
    {
        var failure = Assert.Throws<Xunit.Sdk.FailException>(() => Finding.AssertNone([new Finding("B.cs", 2, "why"), new Finding("A.cs", 1, "why")]));
        Assert.EndsWith("A.cs:1  why\nB.cs:2  why", failure.Message, StringComparison.Ordinal);
        Finding.AssertNone([]);
    }

    private static SourceFile InMethod(string path, string statement) => new(path, $"class A {{ async Task M() {{\n{statement}\n}} }}");
}
