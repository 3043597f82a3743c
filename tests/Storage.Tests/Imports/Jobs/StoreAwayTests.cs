using System.Runtime.CompilerServices;
using Azure;
using CloudStore.Storage;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Imports.Jobs;

/// <summary>Jobs and uploads while a store is away or does not answer.</summary>
public sealed class StoreAwayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_job_outlasts_any_outage_of_the_file_storage_and_can_be_cancelled_meanwhile(Database database)
    {
        var time = new ManualTime();
        var files = new FileStorage();
        await using var store = await ImportStore.OpenAsync(database, time, files.AddTo);
        var (job, _) = await store.EnqueueAsync("campaignId\na\nb\n");
        var (unwanted, _) = await store.EnqueueAsync("campaignId\nc\n");
        files.Away = true;
        for (int minute = 0; minute < 20; minute++)
        {
            await store.WorkAsync();
            var waits = await store.JobAsync(job.Id);
            Assert.Equal((ImportStatus.Running, 0), (waits.Status, waits.Attempts));
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await store.AsAsync<ImportService, ImportJob>(i => i.CancelAsync(unwanted.Id, Token));
        await store.WorkAsync();
        Assert.Equal(ImportStatus.Cancelled, (await store.JobAsync(unwanted.Id)).Status);
        files.Away = false;
        time.Advance(TimeSpan.FromMinutes(1));
        await store.WorkAsync();
        Assert.Equal((ImportStatus.Succeeded, 2), ((await store.JobAsync(job.Id)).Status, await store.CountAsync()));
    }

    [Fact]
    public async Task An_upload_whose_commit_was_not_answered_is_queued_once_and_its_file_stays()
    {
        var (owned, cut) = await ImportStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        way.LoseAnswer(IsCommit);
        var (job, isNew) = await store.EnqueueAsync("campaignId\na\n");
        Assert.False(way.IsLosing);
        Assert.True(isNew);
        Assert.Single(store.Staged);
        await store.WorkAsync();
        Assert.Equal((ImportStatus.Succeeded, 1), ((await store.JobAsync(job.Id)).Status, await store.CountAsync()));
    }

    [Fact]
    public async Task Where_nobody_can_say_whether_an_upload_is_queued_its_file_stays()
    {
        var (owned, cut) = await ImportStore.OpenByProxyAsync();
        await using var store = owned;
        using var way = cut;
        way.LoseAnswer(IsCommit, cut: true);
        await Assert.ThrowsAnyAsync<Exception>(() => store.EnqueueAsync("campaignId\na\n"));
        Assert.False(way.IsLosing);
        way.Restore();
        Assert.Single(store.Staged);
        Assert.Equal(0, await store.CountAsync());
        await store.WorkAsync();
        Assert.Equal(1, await store.CountAsync());

        // What failed before anything was saved leaves nothing.
        await store.AsAsync<ImportService, int>(async imports =>
        {
            var plan = imports.Plan(new ImportOptions { Target = "campaigns" });
            var content = await imports.StageAsync(new MemoryStream("campaignId\nb\n"u8.ToArray()), Token);
            way.Cut();
            await Assert.ThrowsAnyAsync<Exception>(() => imports.EnqueueAsync(plan, content, Token));
            return 0;
        });
        Assert.Empty(store.Staged);
    }

    [Theory]
    [EachDatabase]
    public async Task One_file_sent_several_times_at_once_is_one_job(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var file = "campaignId\na\n"u8.ToArray();
        var made = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => store.EnqueueAsync(file), Token)));
        Assert.Single(made, m => m.IsNew);
        Assert.Single(made.Select(m => m.Job.Id).Distinct());
        Assert.Single(store.Staged);
        var other = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => store.EnqueueAsync(file, new ImportOptions { Force = true }), Token)));
        Assert.All(other, m => Assert.True(m.IsNew));
    }

    private static bool IsCommit(string answer) => answer.Contains("COMMIT\0", StringComparison.Ordinal);

    /// <summary>A folder that can be as away as a storage account.</summary>
    private sealed class FileStorage : IContentStore
    {
        private IContentStore? _folder;

        public bool Away { get; set; }

        private IContentStore Folder => Away ? throw new RequestFailedException(503, "The server is busy.") : _folder!;

        public void AddTo(IServiceCollection services) => services.AddSingleton(s =>
        {
            _folder = new DiskContentStore(s.GetRequiredService<DataOptions>().PathOf("staged"));
            return new StagedContents(this, s.GetRequiredService<KeyRing>());
        });

        public Task<IContentSink> CreateAsync(string name, CancellationToken cancellationToken = default) => Folder.CreateAsync(name, cancellationToken);

        public Task<IContentSource> OpenAsync(string name, CancellationToken cancellationToken = default) => Folder.OpenAsync(name, cancellationToken);

        public Task DeleteAsync(string name, bool overwrite = false, CancellationToken cancellationToken = default) => Folder.DeleteAsync(name, overwrite, cancellationToken);

        public async IAsyncEnumerable<string> ListOlderThanAsync(DateTimeOffset instant, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var name in Folder.ListOlderThanAsync(instant, cancellationToken))
            {
                yield return name;
            }
        }
    }
}
