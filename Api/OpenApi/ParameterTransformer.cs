using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>Completes the parameters: the words that one of a few may be, what an endpoint reads by itself, and a description for those that mean the same everywhere.</summary>
internal static class ParameterTransformer
{
    private static readonly Dictionary<string, string> Everywhere = new()
    {
        ["id"] = "The record's id.",
        ["key"] = "The key: any text, slashes included, percent-encoded.",
        ["tag"] = "The tag, percent-encoded.",
        ["reason"] = "Why it is deleted; kept with the record.",
        ["target"] = "What the rows become: campaigns, llm-usage, queries or retail.sales.",
        ["batchRows"] = "Rows after which a batch is committed.",
        ["batchMilliseconds"] = "Milliseconds from a batch's first row after which it is committed.",
    };

    public static Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            if (context.Description.ParameterDescriptions.FirstOrDefault(d => d.Name == parameter.Name)?.ParameterDescriptor is { } described && OneOf(described) is { } oneOf)
            {
                parameter.Schema = Words(Enum.GetNames(oneOf.Type).Select(JsonNamingPolicy.CamelCase.ConvertName));
            }

            parameter.Description ??= Everywhere.GetValueOrDefault(parameter.Name ?? "");
        }

        foreach (var own in context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameter>())
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = own.Name,
                In = ParameterLocation.Query,
                Description = own.Description,
                Required = own.Required,
                Schema = own.Words.Count > 0 ? Words(own.Words) : new OpenApiSchema { Type = own.Type, Items = own.Type == JsonSchemaType.Array ? new OpenApiSchema { Type = JsonSchemaType.String } : null },
            });
        }

        return Task.CompletedTask;
    }

    private static OneOfAttribute? OneOf(ParameterDescriptor parameter) =>
        (parameter as IParameterInfoParameterDescriptor)?.ParameterInfo.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false).OfType<OneOfAttribute>().FirstOrDefault();

    private static OpenApiSchema Words(IEnumerable<string> words) => new() { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)w)] };
}
