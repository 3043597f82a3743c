using CloudStore.Api.OpenApi;
using Microsoft.OpenApi;

namespace CloudStore.Api.Imports;

/// <summary>The query parameters of <c>POST /v1/imports</c>, which the engine reads, for the OpenAPI document.</summary>
internal static class ImportParameters
{
    public static readonly IReadOnlyList<QueryParameter> All =
    [
        new("target", "What the rows become; GET /v1/imports/targets lists what there is.", Required: true),
        new("format", "Found out from the file's first bytes where absent.", Words: ["csv", "jsonl", "json"]),
        new("delimiter", "Found out from the file's first bytes where absent.", Words: ["comma", "semicolon", "tab", "pipe"]),
        new("map", "Which column of the file fills a field: field:column, several with commas between them."),
        new("set", "A value that every row gets: field:value, several with commas between them."),
        new("scale", "What a decimal field's column is multiplied by: field:factor, several with commas between them, e.g. mrp:0.01 for a column in paise."),
        new("decrypt", "The file's columns whose values are Fernet tokens: fernet:column,column. The keys are the setting Protection:FernetKeys."),
        new("formulaPrefix", "Whether text of the CSV has an apostrophe in front where it would be a formula, as exports write it; it is taken off.", JsonSchemaType.Boolean),
        new("key", "The fields or headers that make a row's key, with commas between them; or derive, for an id from everything in the row that is no measure."),
        new("onConflict", "What happens to a row whose key is there already; update where absent.", Words: ["update", "skip", "reject"]),
        new("dateFormat", "How dates are written, e.g. dd/MM/yyyy; several with a bar between them."),
        new("maxRejects", "The job fails when more rows are rejected.", JsonSchemaType.Integer),
        new("force", "Whether to load a file that was loaded before.", JsonSchemaType.Boolean),
    ];
}
