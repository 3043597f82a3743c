using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace CloudStore.Storage.Records;

/// <summary>The records in PostgreSQL.</summary>
public sealed class PostgresContext(DbContextOptions<PostgresContext> options) : StoreContext(options)
{
    /// <inheritdoc/>
    public override StoreDialect Dialect => StoreDialect.Postgres;

    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgresContext>
    {
        public PostgresContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresContext>().UseNpgsql("Host=localhost;Database=design-time").Options);
    }
}
