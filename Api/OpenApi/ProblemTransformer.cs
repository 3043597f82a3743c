using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>Adds the failures each operation can answer, by what it takes: all of them have the schema of problem details.</summary>
internal static class ProblemTransformer
{
    private const string SchemaName = "Problem";

    public static async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) != true || context.Document is not { } document)
        {
            return;
        }

        if (document.Components?.Schemas?.ContainsKey(SchemaName) != true)
        {
            document.AddComponent(SchemaName, await context.GetOrCreateSchemaAsync(typeof(ProblemAnswer), cancellationToken: cancellationToken));
        }

        operation.Responses ??= [];
        foreach (var status in Statuses(operation, context).Distinct())
        {
            var titles = ProblemKind.All.Where(k => k.Status == status).Select(k => $"{k.Title} ({k.Id})");
            operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
            {
                Description = string.Join("; ", titles),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [ProblemAnswer.ContentType] = new() { Schema = new OpenApiSchemaReference(SchemaName, document) },
                },
            });
        }
    }

    private static IEnumerable<int> Statuses(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        bool key = AccessTransformer.RoleOf(context.Description.ActionDescriptor.EndpointMetadata) is not null;
        int[] always = [400, .. key ? (int[])[401, 403, 429] : [], 500, 503];
        int[] found = context.Description.RelativePath!.Contains('{', StringComparison.Ordinal) ? [404] : [];
        int[] body = operation.RequestBody is null ? [] : [413, 415];
        int[] method = context.Description.HttpMethod switch
        {
            "POST" => [409, 422, 507],
            "PUT" or "PATCH" => [409, 412, 507],
            "DELETE" => [409, 412],
            _ => [],
        };
        return [.. always, .. found, .. body, .. method];
    }
}
