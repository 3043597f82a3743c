using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Direct;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records.Lists;

/// <summary>
/// Keyset paging: each page starts behind the last record of the one before, so that its cost does not grow with the page's number and records that are added
/// meanwhile shift nothing.
/// </summary>
public sealed class Pager(StoreContext context, CursorCodec cursors)
{
    /// <param name="query">The filtered records, not ordered.</param>
    /// <param name="keys">The fields that can be sorted by; the first is the list's own order, descending.</param>
    /// <exception cref="ProblemException">The sort, the limit or the cursor is not valid.</exception>
    public async Task<Page<T>> PageAsync<T>(IQueryable<T> query, IReadOnlyList<SortKey<T>> keys, PageRequest request, CancellationToken cancellationToken)
        where T : Record
    {
        int limit = Limit(request.Limit);
        var (key, descending) = Sort(keys, request.Sort);
        var scope = $"{context.Tenant}\n{request.Scope}\n{(descending ? "-" : "")}{key.Name}";
        long? count = request.Count ? await query.LongCountAsync(cancellationToken) : null;

        if (!string.IsNullOrEmpty(request.Cursor))
        {
            var (id, value) = cursors.Decode(scope, request.Cursor);
            query = key.After(query, descending, value, id, context.Dialect == StoreDialect.Postgres);
        }

        // One more than asked for tells whether there is a next page.
        int take = limit + 1;
        var items = await context.ReadAsync(key.Order(query, descending).Take(take).AsNoTracking(), take, cancellationToken);
        string? next = null;
        if (items.Count > limit)
        {
            items.RemoveAt(limit);
            next = cursors.Encode(scope, items[^1].Id, key.Text(items[^1]));
        }

        return new Page<T>(items, next, count);
    }

    /// <exception cref="ProblemException">It is out of range.</exception>
    internal static int Limit(int? limit) => limit switch
    {
        null => PageRequest.DefaultLimit,
        < 1 or > PageRequest.MaxLimit => throw ProblemException.ForField(ProblemKind.Invalid, "limit", "range", $"limit must be from 1 to {PageRequest.MaxLimit}; it is {limit}."),
        _ => limit.Value,
    };

    private static (SortKey<T> Key, bool Descending) Sort<T>(IReadOnlyList<SortKey<T>> keys, string? sort)
        where T : Record
    {
        if (string.IsNullOrEmpty(sort))
        {
            return (keys[0], true);
        }

        bool descending = sort[0] == '-';
        var name = descending ? sort[1..] : sort;
        var key = keys.FirstOrDefault(k => k.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return key is not null ? (key, descending) : throw ProblemException.ForField(ProblemKind.Invalid, "sort", "known-field",
            $"'{name}' cannot be sorted by; use one of {string.Join(", ", keys.Select(k => k.Name))}, with a leading '-' for descending order.");
    }
}
