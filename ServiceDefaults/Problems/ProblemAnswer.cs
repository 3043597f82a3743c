using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>Problem details as RFC 9457 defines them, with the members <c>traceId</c> and <c>errors</c> added.</summary>
/// <param name="Type">URI reference of the kind's documentation; stable.</param>
/// <param name="Title">The kind's title.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What happened this time, and what would be right.</param>
/// <param name="Instance">The path that was asked for.</param>
/// <param name="TraceId">Finds the request in the server's logs and traces.</param>
/// <param name="Errors">The broken rules; empty where the problem is not about fields.</param>
public sealed record ProblemAnswer(string Type, string Title, int Status, string Detail, string Instance, string TraceId, IReadOnlyList<ProblemError> Errors)
{
    public const string ContentType = "application/problem+json";
}

/// <summary>A kind of problem as <c>/problems/{id}</c> explains it.</summary>
public sealed record ProblemKindAnswer(string Id, string Type, string Title, int Status, string Explanation)
{
    public static ProblemKindAnswer From(ProblemKind kind) => new(kind.Id, kind.Type, kind.Title, kind.Status, kind.Explanation);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(ProblemKindAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ProblemKindAnswer>))]
internal sealed partial class ProblemJson : JsonSerializerContext;
