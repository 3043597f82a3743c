using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Keys;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records;

/// <summary>
/// A random value that all processes of an installation share, made by the first that asks for it. It is encrypted under a data key of the installation's own, which the master key
/// wraps as it wraps all others: whoever has the database alone has none of them.
/// </summary>
public sealed class StoreSecret
{
    public const string CursorKey = "cursor-key";

    public required string Name { get; init; }

    /// <summary>
    /// The value in clear, as older versions kept it; null in every row once a process of this version has started, so that one of those cannot take it for a key. On SQLite, which would have
    /// to copy the table to allow that and has no such processes beside it, it is empty.
    /// </summary>
    public byte[]? Value { get; init; }

    /// <summary>The value's token; see <see cref="SecretCipher"/>.</summary>
    public byte[]? Token { get; init; }

    /// <summary>Gets the value of that name; 32 random bytes are made and kept when there is none.</summary>
    public static Task<byte[]> GetOrCreateAsync(StoreContext context, string name, CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(context, name, static () => RandomNumberGenerator.GetBytes(32), cancellationToken);

    /// <summary>Gets the value of that name; what <paramref name="create"/> makes is kept when there is none.</summary>
    /// <param name="context">One without a tenant.</param>
    /// <exception cref="ProblemException">Of kind unreadable: the value was changed, or is in clear although others are encrypted.</exception>
    public static async Task<byte[]> GetOrCreateAsync(StoreContext context, string name, Func<byte[]> create, CancellationToken cancellationToken = default)
    {
        await SealClearAsync(context, cancellationToken);
        if (await FindAsync(context, name, cancellationToken) is { } kept)
        {
            return kept;
        }

        // Whoever inserts first wins; everybody then reads the same value.
        var token = SecretCipher.Seal(context, name, create());
        await (context.Dialect == StoreDialect.Sqlite
            ? context.Database.ExecuteSqlAsync($"INSERT INTO store_secrets (name, value, token) VALUES ({name}, x'', {token}) ON CONFLICT (name) DO NOTHING", cancellationToken)
            : context.Database.ExecuteSqlAsync($"INSERT INTO store_secrets (name, token) VALUES ({name}, {token}) ON CONFLICT (name) DO NOTHING", cancellationToken));
        return (await FindAsync(context, name, cancellationToken))!;
    }

    private static async Task<byte[]?> FindAsync(StoreContext context, string name, CancellationToken cancellationToken) =>
        await context.Set<StoreSecret>().AsNoTracking().SingleOrDefaultAsync(s => s.Name == name, cancellationToken) is { } secret
            ? SecretCipher.Open(context, name, secret.Token ?? []) : null;

    // All at once or none, so that one in clear beside encrypted ones can only be somebody's who has put it there.
    private static async Task SealClearAsync(StoreContext context, CancellationToken cancellationToken)
    {
        var secrets = await context.Set<StoreSecret>().AsNoTracking().ToListAsync(cancellationToken);
        if (secrets.Find(s => s.Token is null) is not { } clear)
        {
            return;
        }

        if (secrets.Exists(s => s.Token is not null))
        {
            throw new ProblemException(ProblemKind.Unreadable, $"The secret '{clear.Name}' in the table store_secrets is in clear although others are encrypted: this product has not put it there.");
        }

        byte[]? none = context.Dialect == StoreDialect.Sqlite ? [] : null;
        var tokens = secrets.ConvertAll(s => (s.Name, Token: SecretCipher.Seal(context, s.Name, s.Value!)));
        await FormerVersions.OverwriteAsync(context, ct => context.Database.CreateExecutionStrategy().ExecuteAsync(async inner =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(inner);
            foreach (var (name, token) in tokens)
            {
                // Another process that starts at this moment may have been first.
                await context.Set<StoreSecret>().Where(s => s.Name == name && s.Token == null)
                    .ExecuteUpdateAsync(s => s.SetProperty(r => r.Token, token).SetProperty(r => r.Value, none), inner);
            }

            await transaction.CommitAsync(inner);
        }, ct), cancellationToken);
        await FormerVersions.RemoveAsync(context, "store_secrets", cancellationToken);
    }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<StoreSecret>(e =>
            {
                e.ToTable("store_secrets");
                e.HasKey(s => s.Name);
                e.Property(s => s.Value).IsRequired(dialect == StoreDialect.Sqlite);
            });
    }
}
