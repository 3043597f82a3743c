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
    public static async Task<byte[]> GetOrCreateAsync(StoreContext context, string name, CancellationToken cancellationToken = default)
    {
        // Whoever inserts first wins; everybody then reads the same value.
        var fresh = RandomNumberGenerator.GetBytes(32);
        await context.Database.ExecuteSqlAsync($"INSERT INTO store_secrets (name, value) VALUES ({name}, {fresh}) ON CONFLICT (name) DO NOTHING", cancellationToken);
        return (await context.Set<StoreSecret>().AsNoTracking().SingleAsync(s => s.Name == name, cancellationToken)).Value;
    }

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
