using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Storage.Tests.Protection.Audit;

/// <summary>Which events writing makes, and that they are there exactly when what they tell of is.</summary>
public sealed class CaptureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Each_change_of_a_record_is_an_event_whose_hashes_make_a_chain(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        var records = store.Store.Get<RecordStore<Campaign>>();
        var made = await records.CreateAsync(Full("a"), Token);
        await records.UpdateAsync(made.Id, null, c => c.Spend = 3.10m, Token);
        await records.DeleteAsync(made.Id, null, "a test", Token);
        await records.RestoreAsync(made.Id, Token);
        var events = await store.EventsAsync();
        Assert.Equal([AuditAction.Create, AuditAction.Update, AuditAction.Delete, AuditAction.Restore], events.Select(e => e.Action));
        Assert.All(events, e => Assert.Equal(("acme", "tester", "worker", "campaigns", made.Id), (e.Tenant, e.Actor, e.Origin, e.RecordType, e.RecordId)));
        Assert.Null(events[0].Before);
        Assert.Equal(events.SkipLast(1).Select(e => Convert.ToHexString(e.After!)), events.Skip(1).Select(e => Convert.ToHexString(e.Before!)));
        Assert.Equal(4, events.Select(e => Convert.ToHexString(e.After!)).Distinct().Count());
    }

    [Fact]
    public async Task A_record_has_the_same_hash_on_both_databases()
    {
        var hashes = new List<string>();
        foreach (var database in Enum.GetValues<Database>())
        {
            await using var store = await AuditedStore.OpenAsync(database, new ManualTime(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero)));
            var campaign = Full("a");
            campaign.Id = Guid.Parse("019bb000-0000-7000-8000-000000000001");
            await store.Store.Get<RecordStore<Campaign>>().CreateAsync(campaign, Token);
            hashes.Add(Convert.ToHexString(Assert.Single(await store.EventsAsync()).After!));
        }

        Assert.Single(hashes.Distinct());
    }

    [Theory]
    [EachDatabase]
    public async Task A_change_that_fails_leaves_no_event(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        var records = store.Store.Get<RecordStore<Campaign>>();
        var made = await records.CreateAsync(Full("a"), Token);
        await Assert.ThrowsAsync<ProblemException>(() => records.CreateAsync(Full("a"), Token));
        var other = await records.CreateAsync(Full("b"), Token);
        await Assert.ThrowsAsync<ProblemException>(() => records.UpdateAsync(other.Id, null, c => c.NaturalKey = "a", Token));
        await Assert.ThrowsAsync<ProblemException>(() => records.UpdateAsync(made.Id, 7, c => c.Spend = 1, Token));
        // Nor does a change that changes nothing, and the context works on.
        await records.UpdateAsync(made.Id, null, _ => { }, Token);
        await records.UpdateAsync(made.Id, null, c => c.Spend = 99, Token);
        Assert.Equal([AuditAction.Create, AuditAction.Create, AuditAction.Update], (await store.EventsAsync()).Select(e => e.Action));
    }

    [Theory]
    [EachDatabase]
    public async Task A_transaction_that_is_rolled_back_takes_its_events_along(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        var services = store.Store.For("acme");
        var context = services.GetRequiredService<StoreContext>();
        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Token);
            await services.GetRequiredService<RecordStore<Campaign>>().CreateAsync(Full("a"), Token);
            await services.GetRequiredService<AuditTrail>().ReadAsync("campaigns", [Guid.CreateVersion7()], cancellationToken: Token);
            await new BulkWriter<Campaign>(context).WriteAsync([Full("b")], ConflictMode.Update, null, Token);
            await transaction.RollbackAsync(Token);
        });
        Assert.Empty(await store.EventsAsync());
    }

    [Theory]
    [EachDatabase]
    public async Task A_batch_is_one_event_with_its_count_and_hash_and_none_where_nothing_came_of_it(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        var writer = new BulkWriter<Campaign>(store.Store.For("acme").GetRequiredService<StoreContext>());
        await writer.WriteAsync([Full("a"), Full("b")], ConflictMode.Update, null, Token);
        await writer.WriteAsync([Full("a")], ConflictMode.Update, null, Token);
        await writer.WriteAsync([Full("a"), Full("c")], ConflictMode.Update, null, Token);
        await writer.WriteAsync([Full("a")], ConflictMode.Skip, null, Token);
        var events = await store.EventsAsync();
        Assert.Equal([(AuditAction.Create, 2L), (AuditAction.Update, 1L), (AuditAction.Upsert, 2L)], events.Select(e => (e.Action, e.Items!.Value)));
        Assert.All(events, e => Assert.True(e is { RecordId: null, After.Length: 32, RecordType: "campaigns" }));
        Assert.Equal("""{"rows":2,"inserted":1,"updated":1,"skipped":0,"rejected":0}""", events[2].Details);
    }

    [Theory]
    [EachDatabase]
    public async Task Reads_are_one_event_a_request_with_count_and_hash_of_the_ids_in_any_order(Database database)
    {
        await using var store = await AuditedStore.OpenAsync(database);
        var trail = store.Store.Get<AuditTrail>();
        Guid[] ids = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        await trail.ReadAsync("sales", ids, new() { ["aggregate"] = "margin" }, Token);
        await trail.ReadAsync("sales", [ids[0]], cancellationToken: Token);
        await trail.ReadAsync("sales", [], cancellationToken: Token);
        var events = await store.EventsAsync();
        Assert.Equal(2, events.Count);
        Assert.Equal((AuditAction.Read, 3L, null), (events[0].Action, events[0].Items, events[0].RecordId));
        Assert.Equal(AuditTrail.HashOf([ids[2], ids[0], ids[1]]), events[0].After);
        Assert.Equal("""{"aggregate":"margin"}""", events[0].Details);
        Assert.Equal((ids[0], null), (events[1].RecordId, events[1].After));
    }

    [Fact]
    public async Task A_create_on_Postgres_is_one_statement_with_its_event()
    {
        var statements = new StatementLog();
        await using var store = await AuditedStore.OpenAsync(Database.Postgres);
        var context = store.Store.For("acme").GetRequiredService<StoreContext>();
        await store.CreateAsync(1);
        using var _ = System.Diagnostics.DiagnosticListener.AllListeners.Subscribe(statements);
        await store.CreateAsync(1, "d");
        var inserts = statements.Of(store.Store.Postgres.Name).Where(s => s.Contains("audit_events", StringComparison.Ordinal) || s.Contains("campaigns", StringComparison.Ordinal)).ToList();
        Assert.StartsWith("WITH audited AS (INSERT INTO audit_events", Assert.Single(inserts), StringComparison.Ordinal);
        Assert.Equal(2, (await store.EventsAsync()).Count);
    }

    [Fact]
    public async Task On_Postgres_a_tenant_sees_and_adds_its_own_events_and_changes_none()
    {
        await using var store = await AuditedStore.OpenAsync(Database.Postgres);
        await store.CreateAsync(1);
        var other = store.Store.For("globex").GetRequiredService<StoreContext>();
        var own = store.Store.For("acme").GetRequiredService<StoreContext>();
        Assert.Equal((1, 0), (await own.Set<AuditEvent>().CountAsync(Token), await other.Set<AuditEvent>().CountAsync(Token)));
        foreach (var sql in (string[])["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events", "SELECT 1 FROM audit_log"])
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => own.Database.ExecuteSqlRawAsync(sql, Token));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    private static Campaign Full(string key) => new()
    {
        NaturalKey = key,
        CampaignId = key,
        CampaignName = "Zürich 夏",
        Platform = "p",
        Channel = "c",
        Spend = 12.340m,
        Impressions = 1000,
        Conversions = 0.5m,
        Revenue = 79228162514264337593543950335m,
    };

    // What the driver sends, whoever asks it to.
    private sealed class StatementLog : IObserver<System.Diagnostics.DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<(string Database, string Text)> _seen = new();

        public IEnumerable<string> Of(string database) => _seen.Where(s => s.Database == database).Select(s => s.Text);

        public void OnNext(System.Diagnostics.DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory.Name)
            {
                value.Subscribe(this);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is CommandExecutedEventData executed)
            {
                _seen.Enqueue((executed.Command.Connection!.Database, executed.Command.CommandText));
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
