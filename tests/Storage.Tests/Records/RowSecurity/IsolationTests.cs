using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.RowSecurity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Storage.Tests.Records.RowSecurity;

/// <summary>What SQL without a word about tenants can see and do, by whom the context works for.</summary>
public sealed class IsolationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sql_without_a_condition_sees_the_rows_of_the_contexts_tenant_only()
    {
        await using var store = await OpenAsync();
        Assert.Equal(["acme-1", "acme-2"], await KeysAsync(store.Get<StoreContext>("acme")));
        Assert.Equal(["globex-1"], await KeysAsync(store.Get<StoreContext>("globex")));
        Assert.Empty(await KeysAsync(store.Get<StoreContext>("nobody")));
    }

    [Fact]
    public async Task A_context_without_a_tenant_sees_all_rows()
    {
        await using var store = await OpenAsync();
        await using var scope = store.Services.CreateAsyncScope();
        Assert.Equal(["acme-1", "acme-2", "globex-1"], await KeysAsync(scope.ServiceProvider.GetRequiredService<StoreContext>()));
    }

    [Fact]
    public async Task Queries_that_leave_out_the_tenant_filter_see_their_tenant_only()
    {
        await using var store = await OpenAsync();
        var all = store.Get<StoreContext>("globex").Set<Campaign>().IgnoreQueryFilters().Select(c => c.NaturalKey);
        Assert.Equal(["globex-1"], await all.ToListAsync(Token));
    }

    [Fact]
    public async Task Sql_changes_and_deletes_no_row_of_another_tenant()
    {
        await using var store = await OpenAsync();
        var database = store.Get<StoreContext>("acme").Database;
        Assert.Equal(0, await database.ExecuteSqlAsync($"UPDATE campaigns SET campaign_name = 'mine' WHERE tenant = 'globex'", Token));
        Assert.Equal(2, await database.ExecuteSqlAsync($"UPDATE campaigns SET campaign_name = 'mine'", Token));
        Assert.Equal(2, await database.ExecuteSqlAsync($"DELETE FROM campaigns", Token));
        Assert.Equal("globex-1", await store.Postgres.ScalarAsync("SELECT string_agg(campaign_name, ',') FROM campaigns", Token));
    }

    [Fact]
    public async Task Sql_gives_no_row_to_another_tenant()
    {
        await using var store = await OpenAsync();
        var database = store.Get<StoreContext>("acme").Database;
        await RefusedAsync(() => database.ExecuteSqlAsync($"UPDATE campaigns SET tenant = 'globex' WHERE natural_key = 'acme-1'", Token));
        await RefusedAsync(() => database.ExecuteSqlAsync(
            $"INSERT INTO import_rejects (id, tenant, created_at, updated_at, revision, job_id, line, \"column\", value, reason, raw) SELECT gen_random_uuid(), 'globex', now(), now(), 1, gen_random_uuid(), 1, '', '', '', ''", Token));
        Assert.Equal(1, await database.ExecuteSqlAsync(
            $"INSERT INTO import_rejects (id, tenant, created_at, updated_at, revision, job_id, line, \"column\", value, reason, raw) SELECT gen_random_uuid(), 'acme', now(), now(), 1, gen_random_uuid(), 1, '', '', '', ''", Token));
    }

    [Fact]
    public async Task Tables_that_belong_to_no_tenant_are_out_of_a_tenants_reach()
    {
        await using var store = await OpenAsync();
        await RefusedAsync(() => store.Get<StoreContext>("acme").Set<StoreSecret>().CountAsync(Token));
        await RefusedAsync(() => store.Get<StoreContext>("acme").Set<DataKey>().CountAsync(Token));
    }

    [Fact]
    public async Task Every_table_with_a_tenant_is_secured_or_out_of_a_tenants_reach()
    {
        await using var store = await OpenAsync();
        Assert.True(store.Services.GetRequiredService<RowSecurityStatus>().InForce);
        var open = await store.Postgres.ScalarAsync("""
            SELECT string_agg(c.relname, ',') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
            WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
                AND has_table_privilege('cloudstore_tenant', c.oid, 'SELECT,INSERT,UPDATE,DELETE')
            """, Token);
        Assert.Equal(DBNull.Value, open);
    }

    internal static async Task<TestStore> OpenAsync(params (string Name, string Value)[] settings)
    {
        var store = await TestStore.OpenAsync(Database.Postgres, null, settings);
        foreach (var (tenant, key) in ((string, string)[])[("acme", "acme-1"), ("acme", "acme-2"), ("globex", "globex-1")])
        {
            await store.Get<RecordStore<Campaign>>(tenant).CreateAsync(RecordStoreTests.Make(key), Token);
        }

        return store;
    }

    internal static Task<List<string>> KeysAsync(StoreContext context) =>
        context.Database.SqlQuery<string>($"SELECT natural_key AS \"Value\" FROM campaigns ORDER BY natural_key").ToListAsync(Token);

    private static async Task RefusedAsync(Func<Task> act) =>
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(act)).SqlState);
}
