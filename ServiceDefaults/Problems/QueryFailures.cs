using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>
/// Finds the query parameter that made a generated request handler answer a bare 400: for optional numbers, dates and the like it does not say which.
/// Runs only after such an answer.
/// </summary>
internal static class QueryFailures
{
    public static ProblemError? Find(HttpContext context)
    {
        var parameters = context.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [];
        foreach (var (name, type) in parameters.SelectMany(Values))
        {
            var value = (string?)context.Request.Query[name];
            if (!string.IsNullOrEmpty(value) && !CanRead(type, value))
            {
                return new ProblemError(name, "type", $"{name} must be {JsonTypeNames.Describe(type.FullName ?? type.Name)}; it is '{value}'.");
            }
        }

        return null;
    }

    private static IEnumerable<(string Name, Type Type)> Values(ParameterInfo parameter)
    {
        if (!parameter.IsDefined(typeof(AsParametersAttribute)))
        {
            return [Value(parameter, parameter.Name, parameter.ParameterType)];
        }

        return parameter.ParameterType.GetProperties().Where(p => p.CanRead).Select(p => Value(p, p.Name, p.PropertyType));
    }

    private static (string Name, Type Type) Value(ICustomAttributeProvider declared, string? name, Type type)
    {
        var given = declared.GetCustomAttributes(true).OfType<IFromQueryMetadata>().FirstOrDefault()?.Name;
        return (given ?? name ?? "", Nullable.GetUnderlyingType(type) ?? type);
    }

    private static bool CanRead(Type type, string value)
    {
        var converter = TypeDescriptor.GetConverter(type);
        return !type.IsValueType || !converter.CanConvertFrom(typeof(string)) || converter.IsValid(value);
    }
}
