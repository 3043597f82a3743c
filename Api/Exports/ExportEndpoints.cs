using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports.Targets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace CloudStore.Api.Exports;

/// <summary><c>/v1/exports</c>: records come out as files. Each source has a route of its own, so that its filters are known parameters.</summary>
public static class ExportEndpoints
{
    private static readonly QueryParameter[] Own =
    [
        new("format", "csv where absent.", Words: ["csv", "jsonl"]),
        new("compress", "The file as a gzip file; none where absent.", Words: ["gzip", "none"]),
        new("columns", "The columns in their order, with commas between them; all where absent."),
        new("encrypt", "The columns whose values become Fernet tokens: fernet:column,column. The key is the first of the setting Protection:FernetKeys."),
        new("formulaPrefix", "Whether text of a CSV that a spreadsheet would take for a formula gets an apostrophe in front; true where absent.", JsonSchemaType.Boolean),
    ];

    /// <summary>What can be exported.</summary>
    /// <param name="Source">The last part of its route.</param>
    /// <param name="Columns">In the order in which they are written.</param>
    /// <param name="Filters">Its parameters beside those that all sources have.</param>
    public sealed record SourceView(string Source, IReadOnlyList<ColumnView> Columns, IReadOnlyList<string> Filters);

    /// <param name="Name">As in the file's header and in <c>columns=</c>.</param>
    /// <param name="Type">What its values are.</param>
    public sealed record ColumnView(string Name, FieldType Type);

    public static IEndpointRouteBuilder MapExports(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var exports = routes.MapGroup("/v1/exports").WithTags("Exports").RequireRole(Role.Reader);
        exports.MapGet("/", List).WithName("listExportSources").WithSummary("List what can be exported")
            .WithExample(null, new[] { new SourceView("campaigns", [new ColumnView("campaignId", FieldType.Text), new ColumnView("spend", FieldType.Decimal)], ["platform", "from", "to"]) });
        foreach (var source in routes.ServiceProvider.GetRequiredService<ExportSources>().All)
        {
            exports.MapGet($"/{source.Name}", (HttpContext http, ExportRunner runner) => ExportAsync(source.Name, http, runner))
                .WithName($"export{string.Concat(source.Name.Split('-', '.').Select(w => char.ToUpperInvariant(w[0]) + w[1..]))}").WithSummary($"Export {source.Name} as a file")
                .WithDescription("All records of the filters, in the order of their creation, as they are at the moment it starts. A failure cuts the connection before "
                    + "the end of the answer, so that no client takes a part for the whole; over HTTP/2 the trailers Content-Digest and Export-Rows stand behind a whole one.")
                .WithMetadata([.. Own, .. source.Filters.Select(Parameter)])
                .Produces<string>(200, "text/csv", "application/x-ndjson", "application/gzip")
                .WithExample(null, string.Join(',', source.Columns.Select(c => c.Name)) + "\r\n");
        }

        return routes;
    }

    private static Ok<SourceView[]> List(ExportSources sources) => TypedResults.Ok(sources.All.Select(s =>
        new SourceView(s.Name, [.. s.Columns.Select(c => new ColumnView(c.Name, c.Type))], [.. s.Filters.Select(f => f.Name)])).ToArray());

    private static async Task ExportAsync(string source, HttpContext http, ExportRunner runner)
    {
        var plan = runner.Plan(source, http.Request.Query);
        var response = http.Response;
        response.ContentType = plan.ContentType;
        response.Headers.ContentDisposition = $"attachment; filename=\"{plan.FileName}\"";
        response.Headers.CacheControl = "no-store";
        if (HeadRequests.IsHead(http))
        {
            return;
        }

        bool trailers = response.SupportsTrailers();
        if (trailers)
        {
            response.DeclareTrailer("Content-Digest");
            response.DeclareTrailer("Export-Rows");
        }

        var summary = await runner.RunAsync(plan, response.Body, cancellationToken: http.RequestAborted);
        if (trailers)
        {
            // RFC 9530; Kestrel has trailers over HTTP/2 only. A failure never gets here: it cuts the connection, and with it the end that HTTP gives a whole answer.
            response.AppendTrailer("Content-Digest", $"sha-256=:{Convert.ToBase64String(summary.Sha256)}:");
            response.AppendTrailer("Export-Rows", $"{summary.Rows}");
        }
    }

    private static QueryParameter Parameter(ExportFilter filter) => new(filter.Name, filter.Description, filter.Kind switch
    {
        FilterKind.Flag => JsonSchemaType.Boolean,
        FilterKind.Whole => JsonSchemaType.Integer,
        FilterKind.Texts => JsonSchemaType.Array,
        _ => JsonSchemaType.String,
    });
}
