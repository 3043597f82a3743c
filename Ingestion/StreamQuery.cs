using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Ingestion;

/// <summary>What a stream's rows are read by, for the OpenAPI document; <see cref="Storage.Imports.ImportQuery"/> reads it, as it does for files.</summary>
internal readonly record struct StreamQuery(
    [property: FromQuery(Name = "map"), Description("Which member of a row fills a field: field:member, several with commas between them.")] string? Map,
    [property: FromQuery(Name = "set"), Description("A value that every row gets: field:value, several with commas between them.")] string? Set,
    [property: FromQuery(Name = "scale"), Description("What a decimal field's member is multiplied by: field:factor, several with commas between them.")] string? Scale,
    [property: FromQuery(Name = "decrypt"), Description("The members whose values are Fernet tokens: fernet:member,member. The keys are the setting Protection:FernetKeys.")] string? Decrypt,
    [property: FromQuery(Name = "key"), Description("The fields or members that make a row's key, with commas between them; or derive, for an id from everything in the row that is no measure.")] string? Key,
    [property: FromQuery(Name = "onConflict"), Description("What happens to a row whose key is there already: update (where absent), skip or reject.")] string? OnConflict,
    [property: FromQuery(Name = "dateFormat"), Description("How dates are written, e.g. dd/MM/yyyy; several with a bar between them.")] string? DateFormat);
