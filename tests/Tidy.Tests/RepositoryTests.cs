using CloudStore.Tidy.Tests.Rules;
using CloudStore.Tidy.Tests.Source;

namespace CloudStore.Tidy.Tests;

/// <summary>The house rules, on the repository as it stands. That each can fail is shown in Rules.</summary>
public sealed class RepositoryTests
{
    [Fact]
    public void The_source_is_found() => Assert.Contains(Repository.Product, file => file.Path == "Storage/Program.cs");

    [Fact]
    public void Dependencies_point_one_way() =>
        Finding.AssertNone(Repository.Product.Where(file => !IsComposition(file)).SelectMany(DependencyRule.Check));

    [Fact]
    public void Projects_refer_one_way() =>
        Finding.AssertNone(Repository.Files.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal)).SelectMany(DependencyRule.CheckProject));

    [Fact]
    public void Assemblies_refer_one_way()
    {
        const string Prefix = "CloudStore.";
        string[] names = ["ServiceDefaults", "Storage", "Api", "Ingestion"];
        Finding.AssertNone(names.SelectMany(name => DependencyRule.CheckAssembly(name, System.Reflection.Assembly.Load(Prefix + name)
            .GetReferencedAssemblies().Where(other => other.Name!.StartsWith(Prefix, StringComparison.Ordinal)).Select(other => other.Name![Prefix.Length..]))));
    }

    [Fact]
    public void No_banned_call_is_made() => Finding.AssertNone(Repository.CSharp.SelectMany(BannedCallRule.Check));

    [Fact]
    public void Files_are_short() => Finding.AssertNone(Repository.CSharp.SelectMany(ShapeRules.Length));

    [Fact]
    public void Namespaces_follow_folders() => Finding.AssertNone(Repository.CSharp.Where(file => !file.IsGenerated).SelectMany(ShapeRules.Namespace));

    [Fact]
    public void Public_types_say_what_they_guarantee() => Finding.AssertNone(ShapeRules.TypeComments([.. Repository.Product]));

    [Fact]
    public void Whitespace_is_clean() => Finding.AssertNone(Repository.CSharp.Where(file => !file.IsGenerated).SelectMany(ShapeRules.Whitespace));

    [Fact]
    public void Nothing_is_marked_unfinished() =>
        Finding.AssertNone(Repository.Files.Where(file => !file.Path.EndsWith(".md", StringComparison.Ordinal)).SelectMany(ShapeRules.Unfinished));

    [Fact]
    public void Scripts_can_be_started()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps no executable bit");
        Finding.AssertNone(Repository.Files.SelectMany(file => FileRules.Executable(file, Mode(file))));
    }

    [Fact]
    public void No_machine_is_named() => Finding.AssertNone(Repository.Files.SelectMany(FileRules.MachineNames));

    [Fact]
    public void Links_lead_somewhere() =>
        Finding.AssertNone(Repository.Files.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(file => FileRules.Links(file, path => Path.Exists(Path.Combine(Repository.Root, path)))));

    private static UnixFileMode Mode(SourceFile file) =>
        OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(Path.Combine(Repository.Root, file.Path));

    private static bool IsComposition(SourceFile file) => file.Folder is "Storage" or "AppHost";
}
