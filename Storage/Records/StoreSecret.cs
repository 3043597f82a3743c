using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records;

/// <summary>A random value that all processes of an installation share, made by the first that asks for it.</summary>
public sealed class StoreSecret
{
    public const string CursorKey = "cursor-key";

    public required string Name { get; init; }

    public required byte[] Value { get; init; }

    /// <summary>Gets the value of that name; 32 random bytes are made and kept when there is none.</summary>
    public static Task<byte[]> GetOrCreateAsync(StoreContext context, string name, CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(context, name, static () => RandomNumberGenerator.GetBytes(32), cancellationToken);

    /// <summary>Gets the value of that name; what <paramref name="create"/> makes is kept when there is none.</summary>
    public static async Task<byte[]> GetOrCreateAsync(StoreContext context, string name, Func<byte[]> create, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(context, name, cancellationToken) is { } kept)
        {
            return kept;
        }

        // Whoever inserts first wins; everybody then reads the same value.
        var fresh = create();
        await context.Database.ExecuteSqlAsync($"INSERT INTO store_secrets (name, value) VALUES ({name}, {fresh}) ON CONFLICT (name) DO NOTHING", cancellationToken);
        return (await FindAsync(context, name, cancellationToken))!;
    }

    private static async Task<byte[]?> FindAsync(StoreContext context, string name, CancellationToken cancellationToken) =>
        (await context.Set<StoreSecret>().AsNoTracking().SingleOrDefaultAsync(s => s.Name == name, cancellationToken))?.Value;

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<StoreSecret>(e =>
            {
                e.ToTable("store_secrets");
                e.HasKey(s => s.Name);
            });
    }
}
