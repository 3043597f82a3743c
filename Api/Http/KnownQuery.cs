using System.Collections.Concurrent;
using System.Reflection;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Metadata;

namespace CloudStore.Api.Http;

/// <summary>
/// Refuses a GET with a query parameter that its endpoint does not read: a filter with a slip in its name would else list or sum up everything, and look
/// as if it had worked. Names are compared as the framework reads them, without regard to case.
/// </summary>
internal sealed class KnownQuery(RequestDelegate next)
{
    private readonly ConcurrentDictionary<Endpoint, string[]> _known = [];

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.QueryString.HasValue && context.GetEndpoint() is RouteEndpoint endpoint
            && (HttpMethods.IsGet(context.Request.Method) || endpoint.Metadata.GetMetadata<ExactQuery>() is not null) && context.Request.Path.StartsWithSegments("/v1"))
        {
            Check(context.Request.Query.Keys, _known.GetOrAdd(endpoint, Names));
        }

        return next(context);
    }

    /// <exception cref="ProblemException">A name is none of the known.</exception>
    private static void Check(ICollection<string> names, string[] known)
    {
        var errors = names.Where(n => n.Length > 0 && !known.Contains(n, StringComparer.OrdinalIgnoreCase))
            .Select(n => new ProblemError(n, "unknown", known.Length == 0 ? $"There is no parameter '{n}'; there are none here." : $"There is no parameter '{n}'; there are {string.Join(", ", known)}.")).ToList();
        if (errors.Count > 0)
        {
            throw new ProblemException(ProblemKind.Invalid, errors[0].Message, errors);
        }
    }

    private static string[] Names(Endpoint endpoint) =>
    [
        .. (endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [])
            .SelectMany(p => p.IsDefined(typeof(AsParametersAttribute)) ? p.ParameterType.GetProperties().Select(Name) : [Simple(p) ? p.Name : null])
            .OfType<string>().Concat(endpoint.Metadata.OfType<QueryParameter>().Select(p => p.Name)).Except(((RouteEndpoint)endpoint).RoutePattern.Parameters.Select(p => p.Name)),
    ];

    private static string? Name(PropertyInfo property) => property.GetCustomAttributes(true).OfType<IFromQueryMetadata>().FirstOrDefault()?.Name;

    // What a handler takes is a text or a number from the query or the route; all else is a service or the request.
    private static bool Simple(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(string) || Nullable.GetUnderlyingType(parameter.ParameterType) is { IsPrimitive: true };
}

/// <summary>Endpoint metadata: a parameter that the endpoint does not read is refused for other methods than GET as well.</summary>
internal sealed class ExactQuery
{
    public static readonly ExactQuery Instance = new();
}
