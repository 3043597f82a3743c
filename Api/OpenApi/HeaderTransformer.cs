using CloudStore.Api.Uploads;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>The request headers that operations have in common.</summary>
internal static class HeaderTransformer
{
    public static Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var path = context.Description.RelativePath ?? "";
        if (!path.StartsWith("v1/", StringComparison.Ordinal))
        {
            return Task.CompletedTask;
        }

        bool one = path.EndsWith('}');
        switch (context.Description.HttpMethod)
        {
            case "POST" when $"/{path}".TrimEnd('/') != UploadEndpoints.Path:
                Add(operation, "Idempotency-Key", "1 to 200 characters of the caller's choice. The same request with the same key is carried out once and gets the first answer again.");
                break;
            case "PUT" or "PATCH" or "DELETE" when one:
                Add(operation, "If-Match", "The ETag of the record as it was read; 412 where it has changed since.");
                break;
            case "GET" when one:
                Add(operation, "If-None-Match", "The ETag of what the caller has; 304 where it is unchanged.");
                break;
            default:
                break;
        }

        return Task.CompletedTask;
    }

    private static void Add(OpenApiOperation operation, string name, string description) => (operation.Parameters ??= []).Add(new OpenApiParameter
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    });
}
