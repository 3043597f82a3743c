using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Http;

/// <summary>What every list takes; a parameter of type <c>[AsParameters] ListQuery</c>.</summary>
/// <param name="Limit">1 to 1,000 records; 50 where absent.</param>
/// <param name="Cursor">The <c>nextCursor</c> of the page before.</param>
/// <param name="Sort">A field to sort by, with a leading <c>-</c> for descending order.</param>
/// <param name="Count">Whether to count all matches as well.</param>
public readonly record struct ListQuery(
    [property: FromQuery(Name = "limit")] int? Limit,
    [property: FromQuery(Name = "cursor")] string? Cursor,
    [property: FromQuery(Name = "sort")] string? Sort,
    [property: FromQuery(Name = "count")] bool? Count)
{
    /// <param name="scope">The list's name and the filters in use: a cursor is good only for the list it came from.</param>
    public PageRequest ToPage(string scope) => new(Sort, Limit, Cursor, Count ?? false, scope);
}
