using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>Endpoint metadata: a query parameter that the endpoint reads by itself.</summary>
internal sealed record QueryParameter(string Name, string Description, JsonSchemaType Type = JsonSchemaType.String, bool Required = false, params IReadOnlyList<string> Words);
