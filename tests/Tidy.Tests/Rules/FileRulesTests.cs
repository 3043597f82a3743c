using CloudStore.Tidy.Tests.Source;

namespace CloudStore.Tidy.Tests.Rules;

public sealed class FileRulesTests
{
    private const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Theory]
    [InlineData("tests/run", "#!/usr/bin/env bash\n", true)]
    [InlineData("tests/a.sh", "echo\n", true)]
    [InlineData("README.md", "text\n", false)]
    public void A_script_that_cannot_be_started_is_found(string path, string text, bool broken)
    {
        Assert.Equal(broken, FileRules.Executable(new SourceFile(path, text), ReadWrite).Any());
        Assert.Empty(FileRules.Executable(new SourceFile(path, text), ReadWrite | UnixFileMode.UserExecute));
    }

    // Put together here, so that this file does not name them itself.
    public static TheoryData<string, bool> Texts => new()
    {
        { "see " + "/ho" + "me/anna/x", true },
        { "see " + "/ro" + "ot/x", true },
        { "cd " + "/wo" + "rk/x", true },
        { "C:" + "\\Users\\anna", true },
        { "https://api." + "nuget.org/v3/index.json", true },
        { "https://registry." + "npmjs.org/", true },
        { "GET /v1/campaigns, $HOME/.cache, docs/work/a.md, https://example.com/home/a", false },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_path_or_registry_of_one_machine_is_found(string text, bool broken) =>
        Assert.Equal(broken, FileRules.MachineNames(new SourceFile("docs/a.md", text)).Any());

    [Theory]
    [InlineData("[a](b.md)", false)]
    [InlineData("[a](../README.md#tests)", false)]
    [InlineData("[a](https://example.com/none) [b](#here) [c](mailto:a@b.example)", false)]
    [InlineData("```\n[a](none.md)\n```", false)]
    [InlineData("[a](none.md)", true)]
    [InlineData("![a](none.png \"title\")", true)]
    public void A_link_to_nothing_is_found(string text, bool broken)
    {
        var there = new HashSet<string> { "docs/b.md", "docs/../README.md" };
        Assert.Equal(broken, FileRules.Links(new SourceFile("docs/a.md", text), there.Contains).Any());
    }

    [Theory]
    [InlineData("Api/bin/x.cs", true)]
    [InlineData("bin/x.cs", true)]
    [InlineData("a.user", true)]
    [InlineData("data/x.json", true)]
    [InlineData("docs/data/x.json", false)]
    [InlineData("Api/binary/x.cs", false)]
    public void What_git_ignores_is_left_out(string path, bool ignored) =>
        Assert.Equal(ignored, Repository.Ignored("# build\nbin/\ndata/\n!/docs/data/\n*.user\n")(path));
}
