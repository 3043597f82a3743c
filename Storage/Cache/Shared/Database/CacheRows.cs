using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>An entry in the database. Times are milliseconds since 1970 on the database's clock.</summary>
public sealed class CacheEntryRow
{
    public required string Tenant { get; init; }

    public required string Key { get; init; }

    /// <summary>The generation that it was written in; a row of another is not there.</summary>
    public long Generation { get; init; }

    /// <summary>The position of the last invalidation of a prefix or the tenant that its writer knew; a row of another is not there.</summary>
    public long Floor { get; init; }

    public short Format { get; init; }

    public required byte[] Payload { get; init; }

    /// <summary>The value of a counter, which has no payload.</summary>
    public long? Number { get; init; }

    public long Position { get; init; }

    public long CreatedAt { get; init; }

    public long ExpiresAt { get; init; }

    public long StaleFor { get; init; }

    public long Sliding { get; init; }

    /// <summary>From then on it is not read and may be removed.</summary>
    public long EndsAt { get; init; }

    public short TagCount { get; init; }

    /// <summary>Each with two bytes of length before it.</summary>
    public required byte[] Tags { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) => CacheTables.Configure<CacheEntryRow>(model, dialect, e =>
        {
            e.ToTable("cache_entries");
            e.HasKey(r => new { r.Tenant, r.Key });
            e.HasIndex(r => r.EndsAt);
        });
    }
}

/// <summary>A line of the log of invalidations, while the database holds it.</summary>
public sealed class CacheLogRow
{
    /// <summary>Given in the order of commits: each append changes the one row of <see cref="CacheStateRow"/>.</summary>
    public long Position { get; init; }

    /// <summary>The process that wrote it; 0: all hear it.</summary>
    public long Origin { get; init; }

    public short Kind { get; init; }

    public required string Tenant { get; init; }

    public required string Name { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) => CacheTables.Configure<CacheLogRow>(model, dialect, e =>
        {
            e.ToTable("cache_log");
            e.HasKey(r => r.Position);
            e.Property(r => r.Position).ValueGeneratedNever();
        });
    }
}

/// <summary>The position of the last invalidation of a tag, a prefix or a tenant, while the database holds the log.</summary>
public sealed class CacheMarkRow
{
    public required string Tenant { get; init; }

    public short Kind { get; init; }

    public required string Name { get; init; }

    public long Position { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) => CacheTables.Configure<CacheMarkRow>(model, dialect, e =>
        {
            e.ToTable("cache_marks");
            e.HasKey(r => new { r.Tenant, r.Kind, r.Name });
        });
    }
}

/// <summary>The right to run a key's factory, while the database holds the log.</summary>
public sealed class CacheLeaseRow
{
    public required string Tenant { get; init; }

    public required string Key { get; init; }

    public required string Owner { get; init; }

    public long Until { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) => CacheTables.Configure<CacheLeaseRow>(model, dialect, e =>
        {
            e.ToTable("cache_leases");
            e.HasKey(r => new { r.Tenant, r.Key });
            e.HasIndex(r => r.Until);
        });
    }
}

/// <summary>The one row that says which store holds the entries and the log.</summary>
public sealed class CacheStateRow
{
    public short Id { get; init; }

    /// <summary>Keeps the names of installations that share a Redis apart.</summary>
    public required string Installation { get; init; }

    public long Generation { get; init; }

    /// <summary>redis or database.</summary>
    public required string Holder { get; init; }

    /// <summary>The generation's base.</summary>
    public long Base { get; init; }

    /// <summary>The last line's place, while the database holds the log.</summary>
    public long Position { get; init; }

    /// <summary>Until then a process says that it cannot use Redis.</summary>
    public long AwayUntil { get; init; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) => CacheTables.Configure<CacheStateRow>(model, dialect, e =>
        {
            e.ToTable("cache_state");
            e.HasKey(r => r.Id);
            e.Property(r => r.Id).ValueGeneratedNever();
        });
    }
}

internal static class CacheTables
{
    /// <summary>SQLite has them in a file of their own: <see cref="CacheFile"/>, whose tables have the same columns.</summary>
    public static void Configure<T>(ModelBuilder model, StoreDialect dialect, Action<EntityTypeBuilder<T>> configure)
        where T : class
    {
        if (dialect == StoreDialect.Postgres)
        {
            model.Entity(configure);
        }
    }
}
