using CloudStore.ProtectedSample;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Tests.Protection.Fields;

/// <summary>Encrypted properties on every way into the database and out of it.</summary>
public sealed class RecordPathTests
{
    private static readonly SortKey<Visit>[] Sort = [SortKey<Visit>.By("createdAt", v => v.Id)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task What_one_way_writes_every_way_reads(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var direct = await store.Visits().CreateAsync(Samples.Visit("direct"), Token);
        var context = store.Context();
        var tracked = Samples.Visit("tracked", 5m);
        context.Add(tracked);
        await context.SaveChangesAsync(Token);
        await new BulkWriter<Visit>(context).WriteAsync([Samples.Visit("bulk", 7m), Samples.Visit("bulk2", 8m)], ConflictMode.Reject, null, Token);

        var expected = new Dictionary<string, decimal> { ["direct"] = 199.90m, ["tracked"] = 5m, ["bulk"] = 7m, ["bulk2"] = 8m };
        Assert.Equal(direct.Secrets(), (await store.Visits().FindAsync(direct.Id, Token)).Secrets());
        var page = await store.Visits().ListAsync(null, Sort, new PageRequest(null, 10, null, false, "visits"), Token);
        var read = await store.Context().Set<Visit>().AsNoTracking().ToListAsync(Token);
        var trackedRead = await store.Context().Set<Visit>().ToListAsync(Token);
        foreach (var visits in (IEnumerable<Visit>[])[page.Items, read, trackedRead])
        {
            Assert.Equal(expected.OrderBy(e => e.Key), visits.Select(v => KeyValuePair.Create(v.NaturalKey, v.Mrp)).OrderBy(e => e.Key));
            Assert.All(visits, v => Assert.Equal(Samples.Visit(v.NaturalKey, v.Mrp).Secrets(), v.Secrets()));
        }
    }

    [Theory]
    [EachDatabase]
    public async Task Nothing_of_it_is_in_the_table_in_clear(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        var token = await store.TokenAsync(visit.Id, "visitor");
        Assert.Equal(FieldToken.Version, token[0]);
        Assert.Equal(store.Ring.Current("acme").Id, FieldToken.KeyId(token));
        Assert.DoesNotContain("example", System.Text.Encoding.Latin1.GetString(token), StringComparison.Ordinal);
        var columns = store.Context().Model.FindEntityType(typeof(Visit))!.GetProperties().Select(p => p.Name);
        Assert.DoesNotContain(columns, c => c is nameof(Visit.Mrp) or nameof(Visit.Email));
        Assert.Equal(FieldToken.Overhead + 16, (await store.TokenAsync(visit.Id)).Length);
    }

    [Theory]
    [EachDatabase]
    public async Task A_change_is_encrypted_anew_and_no_change_leaves_token_and_revision(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        var before = await store.TokenAsync(visit.Id);
        Assert.Equal(1, (await store.Visits().UpdateAsync(visit.Id, null, v => v.Mrp = 199.90m, Token)).Revision);
        Assert.Equal(before, await store.TokenAsync(visit.Id));
        Assert.Equal(2, (await store.Visits().UpdateAsync(visit.Id, 1, v => v.Shop = "Pune 5", Token)).Revision);
        Assert.Equal(before, await store.TokenAsync(visit.Id));
        Assert.Equal(3, (await store.Visits().UpdateAsync(visit.Id, 2, v => v.SellingPrice = null, Token)).Revision);
        Assert.NotEqual(before, await store.TokenAsync(visit.Id));
        var read = await store.Visits().FindAsync(visit.Id, Token);
        Assert.Equal((199.90m, null, "a@example.org"), (read.Mrp, read.SellingPrice, read.Email));
    }

    [Theory]
    [EachDatabase]
    public async Task A_deleted_record_comes_back_with_its_values(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        await store.Visits().DeleteAsync(visit.Id, null, "a test", Token);
        Assert.Equal(visit.Secrets(), (await store.Visits().RestoreAsync(visit.Id, Token)).Secrets());
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
    }

    [Theory]
    [EachDatabase]
    public async Task A_bulk_update_binds_tokens_to_the_rows_that_are_there(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var first = await store.Visits().CreateAsync(Samples.Visit("a", 100m), Token);
        var rows = new[] { Samples.Visit("a", 200m), Samples.Visit("b", 300m) };
        var result = await new BulkWriter<Visit>(store.Context()).WriteAsync(rows, ConflictMode.Update, null, Token);
        Assert.Equal((1L, 1L), (result.Inserted, result.Updated));
        var read = await store.Visits().FindAsync(first.Id, Token);
        Assert.Equal((200m, 2L), (read.Mrp, read.Revision));
        Assert.Equal(300m, (await store.Visits().Query.SingleAsync(v => v.NaturalKey == "b", Token)).Mrp);
    }

    [Theory]
    [EachDatabase]
    public async Task A_bulk_update_of_one_price_keeps_the_other_that_shares_its_token(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var first = await store.Visits().CreateAsync(Samples.Visit("a", 100m), Token);
        var row = new Visit { NaturalKey = "a", Mrp = 150m, Shop = "elsewhere" };
        await new BulkWriter<Visit>(store.Context()).WriteAsync([row], ConflictMode.Update, new HashSet<string> { nameof(Visit.Mrp) }, Token);
        var read = await store.Visits().FindAsync(first.Id, Token);
        Assert.Equal((150m, 80m, "Pune 4", "a@example.org"), (read.Mrp, read.SellingPrice, read.Shop, read.Email));
    }

    [Theory]
    [EachDatabase]
    public async Task Batches_that_meet_each_other_leave_tokens_that_open(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var bulk = new BulkWriter<Visit>(store.Context());
            for (int i = 0; i < 8; i++)
            {
                await bulk.WriteAsync([.. Enumerable.Range(0, 20).Select(k => Samples.Visit($"k{(k * 7 + i) % 25}", writer))], ConflictMode.Update, null, Token);
            }
        })));
        var read = await store.Visits().Query.ToListAsync(Token);
        Assert.Equal(25, read.Count);
        Assert.Equal(4 * 8 * 20, read.Sum(v => v.Revision));
    }

    [Fact]
    public async Task A_row_that_somebody_adds_between_the_look_and_the_write_gets_a_token_of_its_own()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Postgres);
        await store.Visits().CreateAsync(Samples.Visit("there"), Token);
        var bulk = new BulkWriter<Visit>(store.Context());
        // A conflict makes the writer look before it writes.
        await bulk.WriteAsync([Samples.Visit("there")], ConflictMode.Update, null, Token);
        var other = store.Context();
        Task<BulkResult> writing;
        await using (var transaction = await other.Database.BeginTransactionAsync(Token))
        {
            other.Add(Samples.Visit("new", 1m));
            await other.SaveChangesAsync(Token);
            writing = bulk.WriteAsync([Samples.Visit("new", 2m)], ConflictMode.Update, null, Token);
            await Eventually.Async(
                async () => (long)(await store.SqlAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))! == 1, TimeSpan.FromMinutes(1), "the writer waits");
            await transaction.CommitAsync(Token);
        }

        Assert.Equal(1, (await writing).Updated);
        var read = await store.Visits().Query.SingleAsync(v => v.NaturalKey == "new", Token);
        Assert.Equal((2m, 2L), (read.Mrp, read.Revision));
    }

    [Theory]
    [EachDatabase]
    public async Task A_first_key_made_in_a_transaction_that_is_rolled_back_is_never_used_again(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var context = store.Context("fresh");
        await using (var transaction = await context.Database.BeginTransactionAsync(Token))
        {
            await new BulkWriter<Visit>(context).WriteAsync([Samples.Visit("lost")], ConflictMode.Reject, null, Token);
            Assert.Equal("lost@example.org", (await context.Set<Visit>().AsNoTracking().SingleAsync(Token)).Email);
            await transaction.RollbackAsync(Token);
        }

        await new BulkWriter<Visit>(context).WriteAsync([Samples.Visit("kept")], ConflictMode.Reject, null, Token);
        await using var other = await ProtectedStore.OpenAsync(database, sharing: store);
        Assert.Equal("kept@example.org", (await other.Visits("fresh").Query.SingleAsync(Token)).Email);
    }

    [Theory]
    [EachDatabase]
    public async Task A_query_that_would_need_the_value_in_the_database_says_that_it_is_encrypted(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        var visits = store.Visits().Query;
        foreach (var query in (Func<Task>[])[
            () => visits.Where(v => v.Mrp > 5).ToListAsync(Token), () => visits.OrderBy(v => v.Mrp).ToListAsync(Token), () => visits.SumAsync(v => v.Points, Token),
            () => visits.Select(v => v.Mrp).ToListAsync(Token), () => visits.GroupBy(v => v.Email).Select(g => g.Count()).ToListAsync(Token)])
        {
            var failure = await Assert.ThrowsAsync<NotSupportedException>(query);
            Assert.Contains("is encrypted", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [EachDatabase]
    public async Task Records_are_found_by_an_encrypted_value_through_its_blind_index(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        await store.Visits("globex").CreateAsync(Samples.Visit("a"), Token);
        await new BulkWriter<Visit>(store.Context()).WriteAsync([Samples.Visit("b")], ConflictMode.Reject, null, Token);
        Assert.Equal(visit.Id, await FindAsync(store, "A@Example.org "));
        Assert.NotEqual(visit.EmailIndex, (await store.Visits("globex").Query.SingleAsync(Token)).EmailIndex);
        Assert.Equal("b", (await store.Visits().FindAsync((await FindAsync(store, "b@example.org"))!.Value, Token)).NaturalKey);
        await store.Visits().UpdateAsync(visit.Id, null, v => v.Email = "new@example.org", Token);
        Assert.Null(await FindAsync(store, "a@example.org"));
        Assert.Equal(visit.Id, await FindAsync(store, "new@example.org"));
        Assert.Null((await store.Visits().UpdateAsync(visit.Id, null, v => v.Email = null, Token)).EmailIndex);
    }

    private static async Task<Guid?> FindAsync(ProtectedStore store, string email)
    {
        var context = store.Context();
        var index = BlindIndex.Of<Visit, string?>(context, v => v.Email, email);
        return (await context.Set<Visit>().AsNoTracking().SingleOrDefaultAsync(v => v.EmailIndex == index, Token))?.Id;
    }
}
