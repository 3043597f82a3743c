using CloudStore.Storage.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>Says of each operation which key it needs, from the same metadata that the access check reads.</summary>
internal static class AccessTransformer
{
    /// <summary>The role an endpoint needs; null where it needs no key.</summary>
    public static Role? RoleOf(IList<object> metadata) =>
        metadata.OfType<AccessRule>().LastOrDefault() is { } rule ? rule.Role
        : metadata.OfType<IAllowAnonymous>().Any() ? null
        : Role.Operator;

    public static Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (RoleOf(context.Description.ActionDescriptor.EndpointMetadata) is not { } role)
        {
            operation.Security = [];
            return Task.CompletedTask;
        }

        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.BearerScheme, context.Document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.HeaderScheme, context.Document)] = [] },
        ];
        var needs = $"Needs a key of the role {System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(role.ToString())}.";
        operation.Description = string.IsNullOrEmpty(operation.Description) ? needs : $"{operation.Description} {needs}";
        return Task.CompletedTask;
    }
}
