using CloudStore.Storage.Access;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c> and its pages at <c>/docs</c>; both are open to callers without a key.</summary>
internal static class ApiDocument
{
    public const string BearerScheme = "bearer";
    public const string HeaderScheme = "apiKey";
    private const string Name = "v1";

    public static void AddApiDocument(this IHostApplicationBuilder builder) => builder.Services.AddOpenApi(Name, options =>
    {
        options.AddDocumentTransformer(DescribeAsync);
        options.AddSchemaTransformer(JsonDocumentTransformer.TransformAsync);
        options.AddOperationTransformer(ParameterTransformer.TransformAsync);
        options.AddOperationTransformer(AccessTransformer.TransformAsync);
        options.AddOperationTransformer(HeaderTransformer.TransformAsync);
        options.AddOperationTransformer(ProblemTransformer.TransformAsync);
        options.AddOperationTransformer(ExampleTransformer.TransformAsync);
    });

    public static void MapApiDocument(this WebApplication app) => app.MapOpenApi("/openapi/{documentName}.json").AllowNoKey();

    // The pages' scripts and styles come out of the assembly: nothing is loaded from elsewhere.
    public static void UseApiPages(this WebApplication app) => app.UseSwaggerUI(o =>
    {
        o.RoutePrefix = "docs";
        o.DocumentTitle = "CloudStore API";
        o.SwaggerEndpoint($"/openapi/{Name}.json", "CloudStore v1");
    });

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "CloudStore",
            Version = Name,
            Description = """
                Records, bulk imports, streams and metrics for AI products.

                Every request under `/v1` needs an access key, as `Authorization: Bearer cs_...` or `X-Api-Key: cs_...`. Roles: reader, writer, operator; each
                includes the ones before it. Failures are answered as `application/problem+json`; `/problems` explains each kind. Lists take `limit`, `cursor`,
                `sort` and `count`. A POST with an `Idempotency-Key` can be sent again safely. `ETag` and `If-Match` keep two writers from overwriting each other.
                """,
        };
        // What a newcomer looks for comes first; the areas, then what they rest on.
        string[] last = ["Imports", "Streams", "Keys", "Problems", "Health"];
        document.Tags = document.Tags?.OrderBy(t => Array.IndexOf(last, t.Name)).ToHashSet();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[BearerScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "cs_<id>_<secret>", Description = "An access key in the Authorization header.",
        };
        document.Components.SecuritySchemes[HeaderScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key", Description = "An access key in a header of its own.",
        };
        return Task.CompletedTask;
    }
}
