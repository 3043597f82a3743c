using CloudStore.Tidy.Tests.Source;

namespace CloudStore.Tidy.Tests.Rules;

public sealed class ShapeRulesTests
{
    [Fact]
    public void A_long_file_is_found_unless_a_tool_wrote_it()
    {
        var lines = string.Concat(Enumerable.Repeat("//\n", ShapeRules.MaxLines));
        Assert.Empty(ShapeRules.Length(new SourceFile("Storage/A.cs", lines)));
        Assert.Single(ShapeRules.Length(new SourceFile("Storage/A.cs", lines + "//\n")));
        Assert.Empty(ShapeRules.Length(new SourceFile("Storage/Records/Migrations/A.cs", lines + "//\n")));
    }

    [Theory]
    [InlineData("Storage/Records/Lists/A.cs", "CloudStore.Storage.Records.Lists", false)]
    [InlineData("Storage/Records/A.cs", "CloudStore.Storage", true)]
    [InlineData("tests/Storage.Tests/Records/A.cs", "CloudStore.Storage.Tests.Records", false)]
    [InlineData("tests/Storage.Tests/Records/A.cs", "CloudStore.Tests.Records", true)]
    [InlineData("ServiceDefaults/WithoutAspire/A.cs", "Microsoft.Extensions.Hosting", false)]
    [InlineData("ServiceDefaults/WithoutAspire/Redis/A.cs", "Aspire.StackExchange.Redis", false)]
    [InlineData("ServiceDefaults/Health/A.cs", "Aspire.StackExchange.Redis", true)]
    [InlineData("Storage/Records/A.cs", "Microsoft.Extensions.Hosting", true)]
    public void A_namespace_beside_its_folder_is_found(string path, string name, bool broken) =>
        Assert.Equal(broken, ShapeRules.Namespace(new SourceFile(path, $"namespace {name};\nclass A;\n")).Any());

    [Theory]
    [InlineData("public class A;", true)]
    [InlineData("public enum A { B }", true)]
    [InlineData("public delegate void A();", true)]
    [InlineData("/// <summary>Outer.</summary>\npublic class A { public record B; }", true)]
    [InlineData("// no doc comment\npublic interface IA;", true)]
    [InlineData("/// <summary>Keeps order.</summary>\npublic class A;", false)]
    [InlineData("internal class A { public class B; }", false)]
    [InlineData("/// <summary>One part.</summary>\npublic partial class A;\npublic partial class A;", false)]
    public void A_public_type_without_a_doc_comment_is_found(string code, bool broken) =>
        Assert.Equal(broken, ShapeRules.TypeComments([new SourceFile("Storage/A.cs", "namespace N;\n" + code)]).Any());

    [Theory]
    [InlineData("class A;\n", false)]
    [InlineData("class A; \n", true)]
    [InlineData("\tclass A;\n", true)]
    [InlineData("class A;\r\n", true)]
    [InlineData("class A;", true)]
    public void Stray_whitespace_is_found(string text, bool broken) => Assert.Equal(broken, ShapeRules.Whitespace(new SourceFile("A.cs", text)).Any());

    [Theory]
    [InlineData("A.cs", "class A { /* {0} later */ }", true)]
    [InlineData("A.cs", "/// <summary>{0}: more.</summary>\nclass A;", true)]
    [InlineData("A.cs", "class A { string s = \"{0}\"; }", false)]
    [InlineData("run.sh", "# {0}: more", true)]
    public void A_mark_of_something_unfinished_is_found(string path, string text, bool broken)
    {
        foreach (var mark in new[] { "TODO", "FIXME", "HACK" })
            Assert.Equal(broken, ShapeRules.Unfinished(new SourceFile(path, text.Replace("{0}", mark, StringComparison.Ordinal))).Any());
    }

    [Fact]
    public void An_unwritten_method_is_found() =>
        Assert.Single(ShapeRules.Unfinished(new SourceFile("A.cs", "class A { int M() => throw new NotImplementedException(); }")));
}
