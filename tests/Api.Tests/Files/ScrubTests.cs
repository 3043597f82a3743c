using System.Data.Common;
using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Files;

/// <summary>The keeper's rounds over files that cannot be read, backends that are away, and files that change meanwhile.</summary>
public sealed class ScrubTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task Files_that_cannot_be_read_stop_neither_the_others_nor_the_next_round(Provider provider)
    {
        await using var server = await ApiServer.StartAsync(provider, settings: _ => new() { ["Files:ScrubDays"] = "1", ["Protection:KeyCacheSeconds"] = "1" });
        var odd = (await server.Client.StoreAsync([1])).Id();
        var path = FileClient.Contents(server).Single();
        File.Delete(path);
        Directory.CreateDirectory(path);
        var garbled = (await server.Client.StoreAsync([2])).Id();
        var erased = (await server.Client.StoreAsync([3], "?owner=anna")).Id();
        var good = (await server.Client.StoreAsync([4])).Id();
        byte[] garbage = [1, 2, 3];
        await AsTenantAsync(server, c => c.Set<StoredFile>().Where(f => f.Id == garbled).ExecuteUpdateAsync(s => s.SetProperty(f => f.Secrets, garbage), Token));
        await AgeAsync(server);
        await server.App.Services.GetRequiredService<KeyOperations>().DestroySubjectAsync("default", "anna", "test", Token);

        var round = await RoundAsync(server);
        Assert.Equal((4, 2), (round.Verified, round.Damaged));
        Assert.Equal((0, 0), await RoundAsync(server) is var next ? (next.Verified, next.Damaged) : default);
        var faults = new Dictionary<Guid, (string? Fault, bool Looked)>();
        await AsTenantAsync(server, async c => faults = await c.Set<StoredFile>().Select(f => new { f.Id, f.Fault, f.VerifiedAt }).ToDictionaryAsync(f => f.Id, f => (f.Fault, f.VerifiedAt != null), Token));
        Assert.Equal((null, true), faults[good]);
        Assert.Equal((null, true), faults[erased]);
        Assert.Contains("secrets", faults[garbled].Fault, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(path), faults[odd].Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_that_is_away_keeps_no_other_from_being_looked_after()
    {
        const string nobody = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAECAwQFBgcICQoLDA0ODw==;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;";
        await using var server = await ApiServer.StartAsync(Provider.Sqlite, settings: _ => new()
        {
            ["Files:Backends:default:Kind"] = "disk", ["Files:Backends:away:Kind"] = "blob", ["Files:Backends:away:Connection"] = nobody, ["Files:DefaultBackend"] = "default", ["Files:ScrubDays"] = "1",
        });
        var elsewhere = (await server.Client.StoreAsync([1])).Id();
        await server.Client.StoreAsync([2]);
        await AsTenantAsync(server, c => c.Set<StoredFile>().Where(f => f.Id == elsewhere).ExecuteUpdateAsync(s => s.SetProperty(f => f.Backend, "away"), Token));
        await AgeAsync(server);
        var round = await RoundAsync(server);
        Assert.Equal((1, 0, 0), (round.Verified, round.Damaged, round.Missing));
        var file = await Expect.JsonAsync(await server.Client.GetAsync($"/v1/files/{elsewhere}", Token), 200);
        Assert.Equal(JsonValueKind.Null, file.GetProperty("fault").ValueKind);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_file_whose_time_is_prolonged_while_the_keeper_is_about_to_remove_it_stays(Provider provider)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var before = new BeforeTransaction();
        await using var server = await ApiServer.StartAsync(provider, time: time, configure: b => before.AddTo(b.Services));
        var due = (await server.Client.StoreAsync([1], "?retention=10")).Id();
        var prolonged = (await server.Client.StoreAsync([2], "?retention=10")).Id();
        time.Advance(TimeSpan.FromDays(11));
        before.Act = () => AsTenantAsync(server, c => c.Set<StoredFile>().Where(f => f.Id == prolonged).ExecuteUpdateAsync(s => s.SetProperty(f => f.ExpiresAt, (DateTime?)null), Token));
        Assert.Equal(1, (await RoundAsync(server)).Removed);
        Assert.Null(before.Act);
        Assert.Equal([2], await server.Client.ContentAsync(prolonged));
        await Expect.ProblemAsync(await server.Client.GetAsync($"/v1/files/{due}", Token), "not-found", 404);
        Assert.Single(FileClient.Contents(server));
    }

    private static Task AgeAsync(ApiServer server) =>
        AsTenantAsync(server, c => c.Set<StoredFile>().ExecuteUpdateAsync(s => s.SetProperty(f => f.CreatedAt, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2)), Token));

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

    /// <summary>Does something once, before the next transaction of a context without a tenant begins.</summary>
    private sealed class BeforeTransaction : DbTransactionInterceptor
    {
        public Func<Task>? Act { get; set; }

        public void AddTo(IServiceCollection services)
        {
            services.ConfigureDbContext<SqliteContext>(o => o.AddInterceptors(this));
            services.ConfigureDbContext<PostgresContext>(o => o.AddInterceptors(this));
        }

        public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
        {
            if (Act is { } act && eventData.Context is StoreContext { Tenant: null })
            {
                Act = null;
                await act();
            }

            return result;
        }
    }
}
