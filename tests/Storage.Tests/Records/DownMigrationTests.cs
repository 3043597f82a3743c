using System.Data.Common;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Records;

/// <summary>What a schema that goes back would lose for good.</summary>
public sealed class DownMigrationTests
{
    private const string Before = "Protection";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task The_schema_does_not_go_back_while_the_secrets_are_encrypted(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await using var scope = store.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var secret = await StoreSecret.GetOrCreateAsync(context, "test", Token);
        var refused = await Assert.ThrowsAnyAsync<DbException>(() => context.GetService<IMigrator>().MigrateAsync(Before, Token));
        Assert.Contains("Restore a backup", refused.Message, StringComparison.Ordinal);
        Assert.Equal(secret, await StoreSecret.GetOrCreateAsync(context, "test", Token));
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(Token));
    }

    [Theory]
    [EachDatabase]
    public async Task Without_secrets_it_goes_back_and_forth(Database database)
    {
        await using var store = await TestStore.OpenAsync(database);
        await using var scope = store.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        await context.Set<StoreSecret>().ExecuteDeleteAsync(Token);
        await context.GetService<IMigrator>().MigrateAsync(Before, Token);
        Assert.NotEmpty(await context.Database.GetPendingMigrationsAsync(Token));
        await context.GetService<IMigrator>().MigrateAsync(cancellationToken: Token);
        Assert.Equal(32, (await StoreSecret.GetOrCreateAsync(context, "test", Token)).Length);
    }
}
