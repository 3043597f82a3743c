using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace CloudStore.Storage.Records;

/// <summary>The records in a SQLite file.</summary>
public sealed class SqliteContext(DbContextOptions<SqliteContext> options) : StoreContext(options)
{
    /// <inheritdoc/>
    public override StoreDialect Dialect => StoreDialect.Sqlite;

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<SqliteEncoding.InstantConverter>();
        configurationBuilder.Properties<Guid>().HaveConversion<SqliteEncoding.IdConverter>();
    }

    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteContext>
    {
        public SqliteContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteContext>().UseSqlite("Data Source=design-time.db").Options);
    }
}
