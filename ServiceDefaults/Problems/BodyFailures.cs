using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>Requests that the server or the binding of an endpoint's parameters refused.</summary>
internal static partial class BodyFailures
{
    public const string Ended = "The body ended before all of it had arrived, or could not be read.";
    public const string TooLarge = "The body is over the size that the server takes.";

    public static string Unsupported(string? contentType) => string.IsNullOrEmpty(contentType)
        ? "The request has a body without a Content-Type; send Content-Type: application/json."
        : $"A body of type '{contentType}' is not taken here; send application/json.";

    public static ProblemException Explain(BadHttpRequestException e) => e switch
    {
        { InnerException: JsonException json } => JsonFailures.Explain(json),
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(ProblemKind.TooLarge, TooLarge, inner: e),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => new(ProblemKind.UnsupportedMedia, UnsupportedOf(e), inner: e),
        { StatusCode: StatusCodes.Status408RequestTimeout } => new(ProblemKind.Timeout, "The body took too long to arrive.", inner: e),
        _ => Parameter(e) ?? new ProblemException(ProblemKind.Malformed, e.InnerException is IOException || e.Message.Contains("end of request", StringComparison.Ordinal) ? Ended : e.Message, inner: e),
    };

    private static string UnsupportedOf(BadHttpRequestException e) =>
        MediaType().Match(e.Message) is { Success: true } match ? Unsupported(match.Groups[1].Value) : "A body of this type is not taken here; send application/json.";

    // The framework names a parameter as it is declared in code; callers know it by its name alone.
    private static ProblemException? Parameter(BadHttpRequestException e)
    {
        if (e.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal) || (Missing().Match(e.Message) is { Success: true } body && body.Groups["from"].Value == "body"))
        {
            return ProblemException.ForField(ProblemKind.Malformed, "body", "required", "The request needs a JSON body, and has none.");
        }

        if (Missing().Match(e.Message) is { Success: true } missing)
        {
            var name = missing.Groups["name"].Value;
            return ProblemException.ForField(ProblemKind.Invalid, name, "required", $"{name} is needed and was not given.");
        }

        if (Unbound().Match(e.Message) is { Success: true } unbound)
        {
            var (name, value) = (unbound.Groups["name"].Value, unbound.Groups["value"].Value);
            return ProblemException.ForField(ProblemKind.Invalid, name, "type", $"{name} must be {JsonTypeNames.Describe(unbound.Groups["type"].Value)}; it is '{value}'.");
        }

        return null;
    }

    [GeneratedRegex("""^Required parameter "(?<type>.+) (?<name>\S+)" was not provided from (?<from>.+)\.$""")]
    private static partial Regex Missing();

    [GeneratedRegex("""^Failed to bind parameter "(?<type>.+) (?<name>\S+)" from "(?<value>[\s\S]*)"\.$""")]
    private static partial Regex Unbound();

    [GeneratedRegex("""but got "(.*)"\.$""")]
    private static partial Regex MediaType();
}
