using System.Net;
using System.Text;
using CloudStore.Api.Tests.Files;
using CloudStore.Storage.Files;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Uploads;

/// <summary>Uploads of files that must be in a region: no byte of them is anywhere else, not even on its way.</summary>
public sealed class RegionUploadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task What_has_arrived_of_a_regions_file_is_in_its_backend_and_nowhere_else(Provider provider)
    {
        await using var server = await StartAsync(provider);
        var content = FileClient.Noise(1000);
        var location = await TusTests.CreateAsync(server, 1000, Region("IN"));
        (await TusTests.PatchAsync(server, location, 0, content.AsMemory(0, 400))).Dispose();
        Assert.Equal((1, 0, 0), Count(server));

        // The sweep for contents that nobody names knows parts as well.
        var part = Directory.GetFiles(Path.Combine(server.DataFolder, "files", "mumbai"), "*", SearchOption.AllDirectories).Single();
        File.SetLastWriteTimeUtc(part, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));
        await using (var scope = server.App.Services.CreateAsyncScope())
        {
            Assert.Equal(0, (await scope.ServiceProvider.GetRequiredService<FileKeeper>().RunAsync(Token)).Orphans);
        }

        using (var rest = await TusTests.PatchAsync(server, location, 400, content.AsMemory(400)))
        {
            Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);
        }

        Assert.Equal(content, await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
        Assert.Equal((1, 0, 0), Count(server));
    }

    [Fact]
    public async Task A_whole_is_in_the_region_of_its_parts()
    {
        await using var server = await StartAsync(Provider.Sqlite);
        var parts = new List<string>();
        foreach (var headers in (IEnumerable<(string, string)[]>)[[Region("IN")], [Region("IN")], []])
        {
            parts.Add(await TusTests.CreateAsync(server, 3, [("Upload-Concat", "partial"), .. headers]));
            (await TusTests.PatchAsync(server, parts[^1], 0, new byte[3])).Dispose();
        }

        Assert.Equal((2, 0, 1), Count(server));
        using var mixed = await TusTests.SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Concat", $"final;{parts[0]} {parts[2]}"), Region("IN"));
        await Expect.ProblemAsync(mixed, "invalid", 400, "Upload-Concat", "region");
        using var other = await TusTests.SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Concat", $"final;{parts[0]} {parts[1]}"));
        await Expect.ProblemAsync(other, "invalid", 400, "Upload-Concat", "region");
        using var whole = await TusTests.SendAsync(server, HttpMethod.Post, "/v1/uploads", null, ("Upload-Concat", $"final;{parts[0]} {parts[1]}"), Region("IN"));
        Assert.Equal(HttpStatusCode.Created, whole.StatusCode);
        Assert.Equal(new byte[6], await server.Client.ContentAsync(Guid.Parse(whole.Headers.Location!.ToString().Split('/')[^1])));
        Assert.Equal((3, 0, 1), Count(server));
    }

    [Fact]
    public async Task A_tenant_that_belongs_to_a_region_has_no_part_of_an_upload_elsewhere()
    {
        await using var server = await StartAsync(Provider.Sqlite, "IN");
        var location = await TusTests.CreateAsync(server, 6);
        (await TusTests.PatchAsync(server, location, 0, new byte[3])).Dispose();
        Assert.Equal((1, 0, 0), Count(server));
        (await TusTests.PatchAsync(server, location, 3, new byte[3])).Dispose();
        Assert.Equal(new byte[6], await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
        Assert.Equal((1, 0, 0), Count(server));
    }

    private static Task<ApiServer> StartAsync(Provider provider, string? tenantsRegion = null) => ApiServer.StartAsync(provider, settings: _ => new()
    {
        ["Files:Tenants:default:Region"] = tenantsRegion,
        ["Files:Backends:mumbai:Kind"] = "disk", ["Files:Backends:frankfurt:Kind"] = "disk", ["Files:DefaultBackend"] = "frankfurt", ["Files:Regions:IN"] = "mumbai",
    });

    private static (string, string) Region(string region) => ("Upload-Metadata", $"region {Convert.ToBase64String(Encoding.UTF8.GetBytes(region))}");

    private static (int Mumbai, int Frankfurt, int Staged) Count(ApiServer server)
    {
        int In(params string[] folder) => Path.Combine([server.DataFolder, .. folder]) is var path && Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories).Length : 0;
        return (In("files", "mumbai"), In("files", "frankfurt"), In("staged"));
    }
}
