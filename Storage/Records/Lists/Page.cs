namespace CloudStore.Storage.Records.Lists;

/// <summary>A part of a list.</summary>
/// <param name="Items">At most <c>limit</c> records, in the list's order.</param>
/// <param name="NextCursor">Gives the next page when sent as <c>cursor</c>; null on the last page.</param>
/// <param name="Count">How many records the filters match in all, where <c>count=true</c> asked for it.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor, long? Count);

/// <summary>Which part of a list is wanted.</summary>
/// <param name="Sort">Name of a sortable field, with a leading <c>-</c> for descending; null for the list's own order.</param>
/// <param name="Limit">1 to 1,000 records; 50 where null.</param>
/// <param name="Cursor">What the page before gave as <c>nextCursor</c>.</param>
/// <param name="Count">Whether to count all matches as well.</param>
/// <param name="Scope">The list's name and filters; a cursor is good only for the list it came from.</param>
public sealed record PageRequest(string? Sort, int? Limit, string? Cursor, bool Count, string Scope)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 1000;
}
