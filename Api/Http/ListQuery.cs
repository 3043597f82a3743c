using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Http;

/// <summary>What every list takes; a parameter of type <c>[AsParameters] ListQuery</c>.</summary>
public readonly record struct ListQuery(
    [property: FromQuery(Name = "limit"), Range(1, 1000), DefaultValue(50), Description("1 to 1,000 records; 50 where absent.")] int? Limit,
    [property: FromQuery(Name = "cursor"), Description("The nextCursor of the page before.")] string? Cursor,
    [property: FromQuery(Name = "sort"), Description("A field to sort by, with a leading - for descending order.")] string? Sort,
    [property: FromQuery(Name = "count"), Description("Whether to count all matches as well.")] bool? Count)
{
    /// <param name="scope">The list's name and the filters in use: a cursor is good only for the list it came from.</param>
    public PageRequest ToPage(string scope) => new(Sort, Limit, Cursor, Count ?? false, scope);
}
