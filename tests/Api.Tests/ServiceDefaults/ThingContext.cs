using Microsoft.EntityFrameworkCore;

namespace CloudStore.Api.Tests.ServiceDefaults;

/// <summary>The smallest context there is.</summary>
public sealed class ThingContext(DbContextOptions<ThingContext> options) : DbContext(options)
{
    public DbSet<Thing> Things => Set<Thing>();
}

public sealed class Thing
{
    public int Id { get; set; }

    public required string Name { get; set; }
}
