using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Api.Http;

/// <summary>Reads query parameters that are one of a few words, without regard to case; numbers are none of them.</summary>
internal static class QueryEnum
{
    /// <exception cref="ProblemException">Absent, or another word.</exception>
    public static T Required<T>(string name, string? text)
        where T : struct, Enum => Optional<T>(name, text)
            ?? throw ProblemException.ForField(ProblemKind.Invalid, name, "required", $"{name} is needed; it is one of {Names<T>()}.");

    /// <exception cref="ProblemException">Another word.</exception>
    public static T? Optional<T>(string name, string? text)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return char.IsAsciiLetter(text[0]) && !text.Contains(',') && Enum.TryParse<T>(text, ignoreCase: true, out var value)
            ? value
            : throw ProblemException.ForField(ProblemKind.Invalid, name, "known-value", $"{name} is one of {Names<T>()}; it is '{text}'.");
    }

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName));
}
