using CloudStore.Tidy.Tests.Source;

namespace CloudStore.Tidy.Tests.Rules;

public sealed class DependencyRuleTests
{
    [Theory]
    [InlineData("Storage/Records/A.cs", "using CloudStore.Storage.Campaigns;", true)]
    [InlineData("Storage/Imports/Jobs/A.cs", "class A { CloudStore.Storage.Retail.Sale? s; }", true)]
    [InlineData("Storage/Cache/A.cs", "namespace CloudStore.Storage.Cache; class A { Voice.User? u; }", true)]
    [InlineData("Storage/Cache/A.cs", "class A { void M() => Market.Bars.Load(); }", true)]
    [InlineData("Storage/Campaigns/A.cs", "using CloudStore.Storage.Retail;", true)]
    [InlineData("Storage/Campaigns/A.cs", "using global::CloudStore.Storage.Retail;", true)]
    [InlineData("Storage/Records/A.cs", "using CloudStore.Api;", true)]
    [InlineData("Storage/Records/A.cs", "using CloudStore.Ingestion.Workers;", true)]
    [InlineData("ServiceDefaults/A.cs", "using CloudStore.Storage.Records;", true)]
    [InlineData("Storage/Campaigns/A.cs", "using CloudStore.Storage.Records; using CloudStore.Storage.Campaigns.Rules;", false)]
    [InlineData("Storage/Records/A.cs", "using CloudStore.ServiceDefaults.Problems; // not CloudStore.Storage.Campaigns", false)]
    [InlineData("Storage/Records/A.cs", "class A { string s = \"CloudStore.Storage.Campaigns\"; }", false)]
    [InlineData("Storage/Records/A.cs", "class A { int Validation; int M() => Validation; }", false)]
    [InlineData("Api/A.cs", "using CloudStore.Storage.Campaigns;", false)]
    [InlineData("Api/A.cs", "using CloudStore.Ingestion;", true)]
    public void A_use_against_the_direction_is_found(string path, string code, bool broken) =>
        Assert.Equal(broken, DependencyRule.Check(new SourceFile(path, code)).Any());

    [Theory]
    [InlineData("Storage/Storage.csproj", "../Api/Api.csproj", true)]
    [InlineData("ServiceDefaults/ServiceDefaults.csproj", "..\\Storage\\Storage.csproj", true)]
    [InlineData("Api/Api.csproj", "../Storage/Storage.csproj", false)]
    [InlineData("tests/Api.Tests/Api.Tests.csproj", "../../Ingestion/Ingestion.csproj", false)]
    public void A_reference_against_the_direction_is_found(string path, string reference, bool broken) =>
        Assert.Equal(broken, DependencyRule.CheckProject(new SourceFile(path, $"<Project><ItemGroup><ProjectReference Include=\"{reference}\" /></ItemGroup></Project>")).Any());

    [Fact]
    public void An_assembly_against_the_direction_is_found()
    {
        Assert.Single(DependencyRule.CheckAssembly("Storage", ["ServiceDefaults", "Ingestion"]));
        Assert.Empty(DependencyRule.CheckAssembly("Storage", ["ServiceDefaults"]));
    }
}
