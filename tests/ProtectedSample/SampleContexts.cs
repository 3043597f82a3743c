using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.ProtectedSample;

/// <summary>The product's model and the visits, on SQLite.</summary>
public sealed class SampleSqliteContext(DbContextOptions<SampleSqliteContext> options) : StoreContext(options)
{
    /// <inheritdoc/>
    public override StoreDialect Dialect => StoreDialect.Sqlite;

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<SqliteEncoding.InstantConverter>();
        configurationBuilder.Properties<Guid>().HaveConversion<SqliteEncoding.IdConverter>();
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        Visit.Configure(modelBuilder);
        PricedRow.Configure(modelBuilder);
        base.OnModelCreating(modelBuilder);
    }
}

/// <summary>The product's model and the visits, on Postgres.</summary>
public sealed class SamplePostgresContext(DbContextOptions<SamplePostgresContext> options) : StoreContext(options)
{
    /// <inheritdoc/>
    public override StoreDialect Dialect => StoreDialect.Postgres;

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        Visit.Configure(modelBuilder);
        PricedRow.Configure(modelBuilder);
        base.OnModelCreating(modelBuilder);
    }
}
