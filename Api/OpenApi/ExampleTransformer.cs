using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>Puts an endpoint's examples beside its schemas, written by the serializer that the API itself uses.</summary>
internal static class ExampleTransformer
{
    public static Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var example = context.Description.ActionDescriptor.EndpointMetadata.OfType<ExampleMetadata>().LastOrDefault();
        if (example is null)
        {
            return Task.CompletedTask;
        }

        var options = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        Set(operation.RequestBody?.Content, example.Request, options);
        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (status.StartsWith('2'))
            {
                Set(response.Content, example.Response, options);
            }
        }

        return Task.CompletedTask;
    }

    private static void Set(IDictionary<string, OpenApiMediaType>? contents, object? value, JsonSerializerOptions options)
    {
        foreach (var content in value is null ? [] : contents?.Values ?? [])
        {
            content.Example = value as JsonNode ?? JsonSerializer.SerializeToNode(value, value!.GetType(), options);
        }
    }
}
