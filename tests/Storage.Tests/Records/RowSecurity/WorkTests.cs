using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.RowSecurity;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records.RowSecurity;

/// <summary>The parts of the product that write in other ways than by saving, under row-level security.</summary>
public sealed class WorkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ConflictMode.Update)]
    [InlineData(ConflictMode.Skip)]
    [InlineData(ConflictMode.Reject)]
    public async Task Tenants_write_in_bulk_over_one_connection_and_find_it_in_their_role_again(ConflictMode mode)
    {
        await using var store = await IsolationTests.OpenAsync(("MaxPoolSize", "1"));
        foreach (var tenant in (string[])["acme", "globex", "acme", "globex"])
        {
            var context = store.Get<StoreContext>(tenant);
            await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
            {
                await using var transaction = await context.Database.BeginTransactionAsync(Token);
                // Keys that both tenants have, new ones and old: straight into the table first, then through the staging table.
                var result = await new BulkWriter<Campaign>(context).WriteAsync([RecordStoreTests.Make("x"), RecordStoreTests.Make($"{Guid.NewGuid()}")], mode, null, Token);
                Assert.Equal(2, result.Inserted + result.Updated + result.Skipped + result.Rejected.Count);
                Assert.Equal(TenantRole.Name, await RoleAsync(context));
                Assert.DoesNotContain(await IsolationTests.KeysAsync(context), k => k.StartsWith(tenant == "acme" ? "globex" : "acme", StringComparison.Ordinal));
                await transaction.CommitAsync(Token);
            });
            Assert.Equal(TenantRole.Name, await RoleAsync(context));
        }

        Assert.Equal((3 + 2, 2 + 2), (await CountAsync(store, "acme"), await CountAsync(store, "globex")));
    }

    [Fact]
    public async Task A_bulk_write_that_fails_leaves_the_tenants_role()
    {
        await using var store = await IsolationTests.OpenAsync(("MaxPoolSize", "1"));
        var context = store.Get<StoreContext>("acme");
        var bad = RecordStoreTests.Make("bad");
        bad.CampaignName = "\0";
        await Assert.ThrowsAnyAsync<Exception>(() => new BulkWriter<Campaign>(context).WriteAsync([bad], ConflictMode.Update, null, Token));
        Assert.Equal(TenantRole.Name, await RoleAsync(context));
        Assert.Equal(["acme-1", "acme-2"], await IsolationTests.KeysAsync(context));
    }

    [Fact]
    public async Task Two_tenants_load_the_same_file_into_records_of_their_own()
    {
        await using var store = await ImportStore.OpenAsync(Database.Postgres, null, null, ("BatchRows", "2"));
        Assert.True(store.Services.GetRequiredService<RowSecurityStatus>().InForce);
        foreach (var tenant in (string[])["acme", "globex"])
        {
            await store.AsAsync<ImportService, bool>(async imports =>
            {
                var plan = imports.Plan(new() { Target = "campaigns" });
                await imports.EnqueueAsync(plan, await imports.StageAsync(new MemoryStream("campaignId,spend\na,1\nb,x\nc,3\na,2\nd,4\n"u8.ToArray()), Token), Token);
                return true;
            }, tenant);
        }

        await store.WorkAsync();
        foreach (var tenant in (string[])["acme", "globex"])
        {
            var keys = await store.AsAsync<StoreContext, List<string>>(c => c.Database.SqlQuery<string>($"SELECT campaign_id AS \"Value\" FROM campaigns ORDER BY 1").ToListAsync(Token), tenant);
            Assert.Equal(["a", "c", "d"], keys);
            Assert.Equal(1, await store.AsAsync<StoreContext, int>(c => c.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM import_rejects").SingleAsync(Token), tenant));
        }
    }

    [Fact]
    public async Task Two_tenants_use_the_same_idempotency_key_and_the_keeper_removes_both()
    {
        var time = new ManualTime();
        await using var store = await ImportStore.OpenAsync(Database.Postgres, time, services => services.AddIdempotency());
        var idempotency = store.Services.GetRequiredService<IdempotencyStore>();
        foreach (var (tenant, status) in ((string, int)[])[("acme", 200), ("globex", 201)])
        {
            var claim = (await idempotency.ClaimAsync(tenant, "k", "POST /x", [1], Token)).Claim!;
            Assert.True(await idempotency.RenewAsync(claim, Token));
            Assert.True(await idempotency.CompleteAsync(claim, new IdempotentAnswer(status, null, null, null, []), Token));
            Assert.Equal(status, (await idempotency.ClaimAsync(tenant, "k", "POST /x", [1], Token)).Answer!.Status);
        }

        time.Advance(IdempotencyStore.KeptFor + TimeSpan.FromMinutes(1));
        Assert.Equal(2, await idempotency.RemoveExpiredAsync(Token));
    }

    [Fact]
    public async Task The_first_key_is_the_first_of_all_tenants()
    {
        await using var store = await ImportStore.OpenAsync(Database.Postgres, null, services => services.AddAccess());
        await store.AsAsync<AccessKeys, NewKey>(keys => keys.CreateAsync(new KeyDraft("only", Role.Operator), Token));
        var output = new StringWriter();
        await store.Services.GetRequiredService<AccessBootstrap>().RunAsync(output, Token);
        Assert.Empty(output.ToString());
        Assert.Empty(await store.AsAsync<StoreContext, List<AccessKey>>(c => c.Set<AccessKey>().ToListAsync(Token), AccessKeys.DefaultTenant));
    }

    private static Task<string> RoleAsync(StoreContext context) => context.Database.SqlQuery<string>($"SELECT current_user::text AS \"Value\"").SingleAsync(Token);

    private static Task<int> CountAsync(TestStore store, string tenant) => store.Get<StoreContext>(tenant).Set<Campaign>().CountAsync(Token);
}
