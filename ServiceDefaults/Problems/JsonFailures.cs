using System.Text.Json;
using System.Text.RegularExpressions;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>
/// Turns what System.Text.Json says about a body into a problem that names the field and the rule. The rule is recognized by the exception's message,
/// the only place where the serializer says it; tests hold each form.
/// </summary>
internal static partial class JsonFailures
{
    private const int LongestPath = 200;

    public static ProblemException Explain(JsonException e)
    {
        var field = Field(e.Path);
        if (Unmapped().Match(e.Message) is { Success: true } unmapped)
        {
            var name = unmapped.Groups[1].Value;
            var full = field == "body" || field == name || field.EndsWith("." + name, StringComparison.Ordinal) ? (field == "body" ? name : field) : $"{field}.{name}";
            return Invalid(e, full, "unknown", $"There is no field '{full}' here.");
        }

        if (MissingRequired().Match(e.Message) is { Success: true } missing)
        {
            var errors = Quoted().Matches(missing.Groups[1].Value).Select(m => field == "body" ? m.Groups[1].Value : $"{field}.{m.Groups[1].Value}")
                .Select(name => new ProblemError(name, "required", $"{name} is needed and was not given.")).ToList();
            return new ProblemException(ProblemKind.Invalid, string.Join(' ', errors.Select(x => x.Message)), errors, e);
        }

        if (NotNull().Match(e.Message) is { Success: true } notNull)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(notNull.Groups[1].Value);
            var full = field == "body" ? name : field;
            return Invalid(e, full, "not-null", $"{full} must not be null.");
        }

        // Said of the object that holds the field; what the field should have been stands in the cause.
        if (e.InnerException is InvalidOperationException cause && WrongToken().Match(cause.Message) is { Success: true } token)
        {
            return Invalid(e, field, "type", $"{field} must be {JsonTypeNames.Describe(token.Groups[1].Value switch { "string" => "string", "boolean" => "bool", _ => "decimal" })}.");
        }

        if (NotConverted().Match(e.Message) is { Success: true } type)
        {
            return Invalid(e, field, "type", $"{field} must be {JsonTypeNames.Describe(type.Groups[1].Value)}.");
        }

        return e.InnerException is { } inner && !inner.GetType().Name.Contains("JsonReader", StringComparison.Ordinal)
            ? Invalid(e, field, "type", $"{field} cannot be read.")
            : Malformed(e, field);
    }

    private static ProblemException Invalid(JsonException e, string field, string rule, string message) =>
        new(ProblemKind.Invalid, message, [new ProblemError(field, rule, message)], e);

    private static ProblemException Malformed(JsonException e, string field)
    {
        if (CutOff().IsMatch(e.Message))
        {
            const string Short = "The body is not well-formed JSON: it ends too early.";
            return new ProblemException(ProblemKind.Malformed, Short, [new ProblemError("body", "json", Short)], e);
        }

        // What follows a sentence's end is the serializer's own location and advice.
        var reason = FirstSentence().Match(e.Message) is { Success: true } match ? match.Groups[1].Value : "It cannot be parsed";
        var where = e is { LineNumber: { } line, BytePositionInLine: { } position } ? $" at line {line + 1}, byte {position + 1}" : "";
        var message = $"The body is not well-formed JSON{where}: {reason}.";
        return new ProblemException(ProblemKind.Malformed, message, [new ProblemError(field, "json", message)], e);
    }

    // "$.items[3].spend" is "items[3].spend" to the caller; the whole body is "body".
    private static string Field(string? path)
    {
        var field = path is null ? "" : path.TrimStart('$').TrimStart('.');
        return field.Length switch
        {
            0 => "body",
            > LongestPath => field[..LongestPath] + "...",
            _ => field,
        };
    }

    [GeneratedRegex("^The JSON property '([^']*)' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex(@"was missing required properties including: (.+?)\.(?:$| Path)")]
    private static partial Regex MissingRequired();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("^The (?:property or field|constructor parameter) '([^']*)' on type .* doesn't allow")]
    private static partial Regex NotNull();

    [GeneratedRegex(@"^The JSON value could not be converted to (.+?)\.(?:$| Path)")]
    private static partial Regex NotConverted();

    [GeneratedRegex("^Cannot get the value of a token type '.*' as a (string|number|boolean)")]
    private static partial Regex WrongToken();

    [GeneratedRegex("depth to be zero at the end|reached end of data|^The input does not contain any JSON tokens")]
    private static partial Regex CutOff();

    [GeneratedRegex(@"^(.+?)\.(?:$|\s)")]
    private static partial Regex FirstSentence();
}
