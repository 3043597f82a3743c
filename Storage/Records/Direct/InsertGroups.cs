using System.Collections.Concurrent;

namespace CloudStore.Storage.Records.Direct;

/// <summary>The groups of a process, one for each type and tenant: rows of two tenants never share a transaction.</summary>
internal sealed class InsertGroups
{
    private readonly ConcurrentDictionary<(Type Type, string? Tenant), object> _groups = new();

    public InsertGroup<T> For<T>(string? tenant)
        where T : Record =>
        (InsertGroup<T>)_groups.GetOrAdd((typeof(T), tenant), static _ => new InsertGroup<T>());
}
