using System.Text.Json;
using System.Text.RegularExpressions;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>What a .NET type looks like in JSON and in a query, in words.</summary>
internal static partial class JsonTypeNames
{
    /// <param name="type">Full name as Type.ToString gives it, or its C# keyword.</param>
    public static string Describe(string type)
    {
        var name = Nullable().Match(type) is { Success: true } inner ? inner.Groups[1].Value : type.TrimEnd('?');
        return (name.StartsWith("System.", StringComparison.Ordinal) && name.LastIndexOf('.') == 6 ? name[7..] : name) switch
        {
            "Int32" or "Int64" or "Int16" or "Byte" or "int" or "long" or "short" or "byte" => "a whole number",
            "UInt32" or "UInt64" or "UInt16" or "uint" or "ulong" or "ushort" => "a whole number that is not negative",
            "Decimal" or "Double" or "Single" or "decimal" or "double" or "float" => "a number",
            "Boolean" or "bool" => "true or false",
            "String" or "string" => "a string",
            "Guid" => "a UUID",
            "DateTime" or "DateTimeOffset" => "a date and time as ISO 8601 writes it, e.g. 2026-01-31T09:30:00Z",
            "DateOnly" => "a date as ISO 8601 writes it, e.g. 2026-01-31",
            "TimeSpan" => "a duration such as 00:05:00",
            _ => DescribeOther(name),
        };
    }

    private static string DescribeOther(string name)
    {
        var found = AppDomain.CurrentDomain.GetAssemblies()
            .Where(a => a.GetName().Name?.StartsWith("CloudStore.", StringComparison.Ordinal) == true)
            .Select(a => a.GetType(name) ?? a.GetTypes().FirstOrDefault(t => t.IsEnum && t.Name == name))
            .FirstOrDefault(t => t is not null);
        return found switch
        {
            { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(found).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            _ when name.EndsWith("[]", StringComparison.Ordinal) || Collection().IsMatch(name) => "an array",
            _ => "an object",
        };
    }

    [GeneratedRegex(@"^(?:System\.)?Nullable(?:`1\[|<)(.+?)[\]>]$")]
    private static partial Regex Nullable();

    [GeneratedRegex(@"^System\.Collections\.Generic\.(?:I?List|IReadOnlyList|IEnumerable|ICollection|IReadOnlyCollection)`1\[")]
    private static partial Regex Collection();
}
