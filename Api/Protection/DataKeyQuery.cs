using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Protection;

/// <summary>What the list of data keys takes.</summary>
public readonly record struct DataKeyQuery(
    [property: FromQuery(Name = "subject"), Description("The keys of exactly this person.")] string? Subject,
    [property: FromQuery(Name = "limit"), Range(1, 1000), DefaultValue(50), Description("1 to 1,000 keys; 50 where absent.")] int? Limit,
    [property: FromQuery(Name = "cursor"), Description("The nextCursor of the page before.")] string? Cursor);
