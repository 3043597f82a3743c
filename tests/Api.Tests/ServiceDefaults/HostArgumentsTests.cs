using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Api.Tests.ServiceDefaults;

public sealed class HostArgumentsTests
{
    [Fact]
    public void Settings_files_are_not_watched() =>
        Assert.All(FileSources(HostArguments.Of([])), s => Assert.False(s.ReloadOnChange));

    [Fact]
    public void Who_asks_for_a_watch_gets_one() =>
        Assert.All(FileSources(HostArguments.Of(["--hostBuilder:reloadConfigOnChange=true"])), s => Assert.True(s.ReloadOnChange));

    [Fact]
    public void The_arguments_themselves_are_kept() =>
        Assert.Equal("http://localhost:1234", WebApplication.CreateBuilder(HostArguments.Of(["--urls", "http://localhost:1234"])).Configuration["urls"]);

    private static List<FileConfigurationSource> FileSources(string[] args)
    {
        List<FileConfigurationSource> sources = [.. ((IConfigurationBuilder)WebApplication.CreateBuilder(args).Configuration).Sources.OfType<FileConfigurationSource>()];
        Assert.NotEmpty(sources);
        return sources;
    }
}
