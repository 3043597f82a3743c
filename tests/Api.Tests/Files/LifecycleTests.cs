using System.Net;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Files;

/// <summary>What becomes of files in time: expiry, grace, orphans, scrub, quotas, keys, erasure, regions, full disks.</summary>
public sealed class LifecycleTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task The_keeper_removes_what_has_expired_and_what_was_deleted_long_enough_ago(Provider provider)
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(provider, time: time);
        var kept = await server.Client.StoreAsync([1], "?name=kept");
        var expiring = await server.Client.StoreAsync([2], "?retention=10");
        var deleted = await server.Client.StoreAsync([3]);
        await server.Client.DeleteAsync($"/v1/files/{deleted.Id()}", Token);
        Assert.Equal(0, (await RoundAsync(server)).Removed);
        Assert.Equal(3, FileClient.Contents(server).Length);
        time.Advance(TimeSpan.FromDays(11));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{expiring.Id()}", Token), "not-found", 404);
        Assert.Equal(1, (await RoundAsync(server)).Removed);
        time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(1, (await RoundAsync(server)).Removed);
        Assert.Single(FileClient.Contents(server));
        Assert.Equal([1], await server.Client.ContentAsync(kept.Id()));
    }

    [Fact]
    public async Task A_hold_keeps_what_is_due()
    {
        var time = new ManualTime(Start);
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, time: time);
        await server.Client.StoreAsync([1], "?retention=1");
        await Expect.JsonAsync(await server.Client.PostAsync("/v1/legal-holds", """{"reason":"case 1"}"""), 201);
        time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(0, (await RoundAsync(server)).Removed);
        Assert.Single(FileClient.Contents(server));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Contents_without_a_file_go_and_files_without_content_are_named(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, settings: _ => new() { ["Files:ScrubDays"] = "1" });
        var lost = await server.Client.StoreAsync([1]);
        var file = FileClient.Contents(server).Single();
        await server.Client.StoreAsync([2]);
        foreach (var (name, hours) in new[] { ("0123456789abcdef", 25), ("0123456789abcdff.part", 25), ("0123456789abceff", 1) })
        {
            var path = Path.Combine(FileClient.Folder(server), name[14..16], name[12..14], name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "x", Token);
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-hours));
        }

        var content = await File.ReadAllBytesAsync(file, Token);
        File.Delete(file);
        await AsTenantAsync(server, c => c.Set<StoredFile>().ExecuteUpdateAsync(s => s.SetProperty(f => f.CreatedAt, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2)), Token));
        var round = await RoundAsync(server);
        Assert.Equal((2, 1, 0, 1), (round.Orphans, round.Verified, round.Damaged, round.Missing));
        Assert.Equal(2, FileClient.Contents(server).Length);
        Assert.Contains("missing", (await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{lost.Id()}", Token), 200)).GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), await RoundAsync(server) is var again ? (again.Verified, again.Missing) : default);
        // Put back, as from a backup of the folder.
        await File.WriteAllBytesAsync(file, content, Token);
        Assert.Equal(0, (await RoundAsync(server)).Missing);
        Assert.Equal(JsonValueKind.Null, (await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{lost.Id()}", Token), 200)).GetProperty("fault").ValueKind);
        Assert.Equal([1], await server.Client.ContentAsync(lost.Id()));
    }

    [Fact]
    public async Task Quotas_of_the_tenant_and_of_each_owner_are_kept()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { ["Files:TenantQuotaBytes"] = "1000", ["Files:OwnerQuotaBytes"] = "600", ["Files:MaxBytes"] = "500" });
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/files", new ByteArrayContent(new byte[501]), Token), "too-large", 413);
        await server.Client.StoreAsync(new byte[500], "?owner=anna");
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/files?owner=anna", new ByteArrayContent(new byte[101]), Token), "insufficient-storage", 507);
        using var unknown = new StreamContent(new Unsized(new byte[101]));
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/files?owner=anna", unknown, Token), "insufficient-storage", 507);
        await server.Client.StoreAsync(new byte[400], "?owner=ben");
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/files?owner=carl", new ByteArrayContent(new byte[101]), Token), "insufficient-storage", 507);
        await server.Client.StoreAsync(new byte[100], "?owner=anna");
        Assert.Equal(3, FileClient.Contents(server).Length);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Rotating_keys_rewraps_files_keys_and_leaves_contents_alone(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, settings: _ => new() { ["Protection:KeyCacheSeconds"] = "1" });
        var content = FileClient.Noise(50_000);
        var id = (await server.Client.StoreAsync(content, "?owner=anna&name=a")).Id();
        var (path, stored) = (FileClient.Contents(server).Single(), await File.ReadAllBytesAsync(FileClient.Contents(server).Single(), Token));
        var before = await SecretsAsync(server, id);
        var rotation = await server.App.Services.GetRequiredService<KeyOperations>().RotateAsync("default", "test", cancellationToken: Token);
        await server.App.Services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, cancellationToken: Token);
        Assert.NotEqual(before, await SecretsAsync(server, id));
        Assert.Equal(stored, await File.ReadAllBytesAsync(path, Token));
        Assert.Equal(content, await server.Client.ContentAsync(id));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Erasing_an_owner_removes_their_files_and_makes_copies_of_them_unreadable(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider);
        var hers = (await server.Client.StoreAsync(Encoding.UTF8.GetBytes("anna's secret"), "?owner=anna")).Id();
        var his = (await server.Client.StoreAsync([1, 2, 3], "?owner=ben")).Id();
        await Expect.JsonAsync(await server.Client.SendAsAsync("ben", HttpMethod.Post, $"/v1/files/{his}/access", new { user = "anna", right = "read" }), 200);
        var secrets = await SecretsAsync(server, hers);

        var erased = await Expect.JsonAsync(await server.Client.PostAsync("/v1/erasures", """{"subject":"anna"}"""), 200);
        Assert.Equal((1, 1, 1), (erased.GetProperty("rows").GetProperty("stored_files").GetInt32(), erased.GetProperty("rows").GetProperty("file_grants").GetInt32(), erased.GetProperty("keys").GetInt32()));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{hers}", Token), "not-found", 404);
        Assert.Equal([1, 2, 3], await server.Client.ContentAsync(his));
        Assert.Single(FileClient.Contents(server));

        // Whoever has a backup of the row and of the content has nothing: the key that wrapped the file's key is gone.
        Assert.Equal(KeyAbsence.Destroyed, server.App.Services.GetRequiredService<KeyRing>().Find(FieldToken.KeyId(secrets)).Absence);
    }

    [Fact]
    public async Task A_regions_files_are_in_its_backend_and_nowhere_else()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new()
        {
            ["Files:Backends:mumbai:Kind"] = "disk", ["Files:Backends:frankfurt:Kind"] = "disk", ["Files:DefaultBackend"] = "frankfurt", ["Files:Regions:IN"] = "mumbai",
        });
        var indian = await server.Client.StoreAsync([1], "?region=IN");
        await server.Client.StoreAsync([2]);
        Assert.Single(Directory.GetFiles(Path.Combine(server.DataFolder, "files", "mumbai"), "*", SearchOption.AllDirectories));
        Assert.Single(Directory.GetFiles(Path.Combine(server.DataFolder, "files", "frankfurt"), "*", SearchOption.AllDirectories));
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/files?region=US", new ByteArrayContent([1]), Token), "invalid", 400, "region", "known-region");
        await AsTenantAsync(server, c => c.Set<StoredFile>().Where(f => f.Id == indian.Id()).ExecuteUpdateAsync(s => s.SetProperty(f => f.Backend, "frankfurt"), Token));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{indian.Id()}/content", Token), "unreadable", 500);
    }

    [Theory]
    [InlineData("Files:Backends:a:Kind", "tape", "Files:Backends:a:Kind must be disk or blob")]
    [InlineData("Files:Backends:a:Kind", "blob", "Files:Backends:a:Connection must be set")]
    [InlineData("Files:Regions:IN", "b", "Files:Regions:IN names the backend 'b'")]
    [InlineData("Files:DefaultBackend", "b", "Files:DefaultBackend names 'b'")]
    [InlineData("Files:Backends:a:FileMode", "rw", "octal")]
    public async Task Wrong_settings_stop_the_start_and_are_named(string name, string value, string message)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiServer.StartAsync(Provider.Sqlite, settings: _ => new() { [name] = value }));
        Assert.Contains(message, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_full_disk_an_upload_answers_507_and_leaves_nothing()
    {
        await using var server = await ApiServer.StartAsync(Provider.Sqlite);
        using var disk = SmallDisk.Mount(Path.Combine(server.DataFolder, "files"), megabytes: 2);
        await Expect.ProblemAsync(await server.Client.PostAsync("/v1/files?compress=none", new ByteArrayContent(FileClient.Noise(5_000_000)), Token), "insufficient-storage", 507);
        Assert.Empty(FileClient.Contents(server));
        Assert.Equal(HttpStatusCode.Created, (await server.Client.PostAsync("/v1/files", new ByteArrayContent([1]), Token)).StatusCode);
    }

    private static async Task<FileRound> RoundAsync(ApiServer server)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FileKeeper>().RunAsync(Token);
    }

    private static async Task AsTenantAsync(ApiServer server, Func<StoreContext, Task> work)
    {
        await using var scope = server.App.Services.CreateScopeFor(Caller.System("default", "test"));
        await work(scope.ServiceProvider.GetRequiredService<StoreContext>());
    }

    private static async Task<byte[]> SecretsAsync(ApiServer server, Guid id)
    {
        byte[] secrets = [];
        await AsTenantAsync(server, async c => secrets = (await c.Set<StoredFile>().Where(f => f.Id == id).Select(f => f.Secrets).SingleAsync(Token))!);
        return secrets;
    }

    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
