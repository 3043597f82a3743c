using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Spooling;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records.Spooling;

public sealed class SpoolReplayTests : IDisposable
{
    private readonly SpoolBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Theory, EachDatabase]
    public async Task What_waits_is_stored_in_order_for_its_tenant_and_its_file_goes(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var spool = _bench.Open();
        var target = new SpoolBench.Target();
        var names = Enumerable.Range(0, 20).Select(i => $"c{i}").ToList();
        foreach (var name in names)
        {
            await spool.AppendAsync(SpoolBench.Entry(name, tenant: name == "c7" ? "globex" : "acme"), Token);
        }

        int taken = await SpoolBench.Replay(spool, store, target).RunAsync(Token);

        Assert.Equal(20, taken);
        Assert.Equal(names, target.Applied);
        Assert.Equal(0, spool.Count);
        Assert.Empty(_bench.Files);
        Assert.Equal(19, await CountAsync(store, "acme"));
        Assert.Equal(1, await CountAsync(store, "globex"));
    }

    [Theory, EachDatabase]
    public async Task A_file_that_comes_back_after_it_was_applied_changes_nothing(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var target = new SpoolBench.Target();
        string path;
        byte[] bytes;
        using (var first = _bench.Open())
        {
            await first.AppendAsync(SpoolBench.Entry("one"), Token);
            await first.AppendAsync(SpoolBench.Entry("two"), Token);
            path = first.Seal().Single();
            bytes = await File.ReadAllBytesAsync(path, Token);
            await SpoolBench.Replay(first, store, target).RunAsync(Token);
        }

        // As if the process had ended between the commit and the removal.
        await File.WriteAllBytesAsync(path, bytes, Token);
        var second = _bench.Open();
        await SpoolBench.Replay(second, store, target).RunAsync(Token);

        Assert.Equal(["one", "two"], target.Applied);
        Assert.Equal(2, await CountAsync(store, "acme"));
        Assert.Empty(_bench.Files);
    }

    [Theory, EachDatabase]
    public async Task An_entry_that_breaks_a_rule_is_put_aside_and_those_behind_it_go_on(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await store.Get<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = "taken" }, Token);
        var spool = _bench.Open();
        var refused = SpoolBench.Entry("taken");
        var unknown = SpoolBench.Entry("x", target: "none.such");
        foreach (var entry in new[] { refused, unknown, SpoolBench.Entry("free") })
        {
            await spool.AppendAsync(entry, Token);
        }

        await SpoolBench.Replay(spool, store).RunAsync(Token);

        Assert.Equal(2, await CountAsync(store, "acme"));
        var outcome = await OutcomeAsync(store, refused.Id);
        Assert.Equal(SpoolStatus.Refused, outcome.Status);
        Assert.Contains("taken", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("none.such", (await OutcomeAsync(store, unknown.Id)).Reason, StringComparison.Ordinal);
        Assert.Equal(2, _bench.Aside.Length);
        Assert.Equal("taken", System.Text.Encoding.UTF8.GetString(spool.Read(_bench.Aside.Single(a => a.Contains($"{refused.Id:n}", StringComparison.Ordinal))).Single().Body));
    }

    [Theory, EachDatabase]
    public async Task A_target_that_fails_half_way_leaves_nothing_and_is_tried_again(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var spool = _bench.Open();
        await spool.AppendAsync(SpoolBench.Entry("one"), Token);
        var failing = new FailsOnce();

        await Assert.ThrowsAsync<InvalidOperationException>(() => SpoolBench.Replay(spool, store, failing).RunAsync(Token));
        Assert.Equal(1, spool.Count);
        Assert.Equal(0, await CountAsync(store, "acme"));

        await SpoolBench.Replay(spool, store, failing).RunAsync(Token);
        Assert.Equal(0, spool.Count);
        Assert.Equal(1, await CountAsync(store, "acme"));
    }

    [Theory, EachDatabase]
    public async Task An_entry_that_fails_each_time_does_not_hold_up_those_behind_it(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        var spool = _bench.Open();
        var poison = SpoolBench.Entry("x", target: "fails");
        await spool.AppendAsync(poison, Token);
        await spool.AppendAsync(SpoolBench.Entry("behind"), Token);
        var replay = SpoolBench.Replay(spool, store, new FailsAlways(), new SpoolBench.Target());

        await Assert.ThrowsAsync<InvalidOperationException>(() => replay.RunAsync(Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => replay.RunAsync(Token));
        Assert.Equal(2, spool.Count);
        await replay.RunAsync(Token);

        Assert.Equal(0, spool.Count);
        Assert.Equal(1, await CountAsync(store, "acme"));
        Assert.Equal(SpoolStatus.Refused, (await OutcomeAsync(store, poison.Id)).Status);
        Assert.Single(_bench.Aside);
    }

    [Theory, EachDatabase]
    public async Task A_changed_file_is_put_aside_and_what_came_before_the_change_is_stored(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        using (var first = _bench.Open())
        {
            foreach (var name in new[] { "one", "two", "three" })
            {
                await first.AppendAsync(SpoolBench.Entry(name), Token);
            }
        }

        var path = _bench.Files.Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        // A bit of the second of three entries, which are equally long up to a few bytes.
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
        var second = _bench.Open();
        await SpoolBench.Replay(second, store).RunAsync(Token);

        Assert.Equal(1, await CountAsync(store, "acme"));
        Assert.Empty(_bench.Files);
        Assert.Single(_bench.Aside);
    }

    [Theory, EachDatabase]
    public async Task A_file_of_another_key_is_put_aside_whole(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        using (var first = _bench.Open())
        {
            await first.AppendAsync(SpoolBench.Entry("one"), Token);
        }

        _bench.Key.Xor = 0x11;
        var second = _bench.Open();
        await second.AppendAsync(SpoolBench.Entry("two"), Token);
        await SpoolBench.Replay(second, store).RunAsync(Token);

        Assert.Equal(1, await CountAsync(store, "acme"));
        Assert.Single(_bench.Aside);
    }

    private static Task<int> CountAsync(TestStore store, string tenant) => store.Get<RecordStore<Campaign>>(tenant).Query.CountAsync(Token);

    private static Task<SpoolOutcome> OutcomeAsync(TestStore store, Guid id) => store.Get<RecordStore<SpoolOutcome>>().FindAsync(id, Token);

    private sealed class FailsAlways : ISpoolTarget
    {
        public string Name => "fails";

        public IEnumerable<string> Subjects(SpoolEntry entry) => [];

        public Task ApplyAsync(IServiceProvider services, SpoolEntry entry, CancellationToken cancellationToken) => throw new InvalidOperationException("A bug.");
    }

    private sealed class FailsOnce : ISpoolTarget
    {
        private bool _failed;

        public IEnumerable<string> Subjects(SpoolEntry entry) => [];

        public string Name => SpoolBench.Target.TargetName;

        public async Task ApplyAsync(IServiceProvider services, SpoolEntry entry, CancellationToken cancellationToken)
        {
            await services.GetRequiredService<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = "half" }, cancellationToken);
            if (!_failed)
            {
                _failed = true;
                throw new InvalidOperationException("A bug.");
            }
        }
    }
}
