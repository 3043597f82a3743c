using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Operations;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Imports.Files;

/// <summary>Staged uploads that no job waits for.</summary>
public sealed class OrphanTests
{
    [Theory]
    [EachDatabase]
    public async Task The_keeper_removes_what_no_job_waits_for_once_it_is_a_day_old(Database database)
    {
        var token = TestContext.Current.CancellationToken;
        var time = new ManualTime();
        await using var store = await ImportStore.OpenAsync(database, time, services =>
        {
            services.AddIdempotency();
            services.AddSingleton<Keeper>();
        });
        var (waiting, _) = await store.EnqueueAsync("campaignId\na\n");
        var (running, _) = await store.EnqueueAsync("campaignId\nb\n");
        Assert.Equal(waiting.Id, (await store.ClaimAsync())!.Id);
        var folder = new DiskContentStore(store.StagedFolder);
        foreach (var name in (string[])["old-content", "old-unfinished.part", "content-young"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(name))!);
            await File.WriteAllTextAsync(folder.PathOf(name), "x", token);
        }

        foreach (var path in store.Staged)
        {
            var age = TimeSpan.FromHours(path.EndsWith("young", StringComparison.Ordinal) ? 23 : 25);
            File.SetLastWriteTimeUtc(path, (time.GetUtcNow() - age).UtcDateTime);
        }

        await store.Services.GetRequiredService<Keeper>().RunOnceAsync(token);
        Assert.Equal(new[] { waiting.Content, running.Content, "content-young" }.Order(), store.Staged.Select(Path.GetFileName).Order());

        time.Advance(TimeSpan.FromHours(2));
        await store.Services.GetRequiredService<Keeper>().RunOnceAsync(token);
        await store.WorkAsync();
        Assert.Equal((ImportStatus.Succeeded, ImportStatus.Succeeded), ((await store.JobAsync(waiting.Id)).Status, (await store.JobAsync(running.Id)).Status));
        Assert.Equal(2, await store.CountAsync());
        Assert.Empty(store.Staged);
    }

    [Theory]
    [EachDatabase]
    public async Task A_step_of_the_keeper_that_fails_keeps_none_of_the_others_from_being_done(Database database)
    {
        var token = TestContext.Current.CancellationToken;
        await using var store = await ImportStore.OpenAsync(database, configure: services =>
        {
            services.AddIdempotency();
            services.AddSingleton<Keeper>();
        });
        var path = new DiskContentStore(store.StagedFolder).PathOf("old-content");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "x", token);
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));
        await using (var scope = store.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<StoreContext>().Database.ExecuteSqlRawAsync("DROP TABLE idempotency_keys", token);
        }

        await store.Services.GetRequiredService<Keeper>().RunOnceAsync(token);
        Assert.Empty(store.Staged);
    }
}
