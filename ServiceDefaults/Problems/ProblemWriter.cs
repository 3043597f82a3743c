using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>Writes problem details as the answer of a request.</summary>
public static class ProblemWriter
{
    // The answer is JSON, never part of an HTML page: quotes and letters of other languages stay readable.
    private static readonly JsonTypeInfo<ProblemAnswer> Readable =
        new ProblemJson(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).ProblemAnswer;

    /// <summary>Sets status, headers and body. Headers that were set before stay; the response must not have started.</summary>
    public static Task WriteAsync(HttpContext context, ProblemKind kind, string detail, IReadOnlyList<ProblemError>? errors = null, TimeSpan? retryAfter = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(kind);
        var response = context.Response;
        response.StatusCode = kind.Status;
        response.ContentType = ProblemAnswer.ContentType;
        response.ContentLength = null;
        response.Headers.CacheControl = "no-store";
        if (retryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var answer = new ProblemAnswer(kind.Type, kind.Title, kind.Status, detail, (context.Request.PathBase + context.Request.Path).ToUriComponent(), TraceId(context), errors ?? []);
        return JsonSerializer.SerializeAsync(response.Body, answer, Readable, context.RequestAborted);
    }

    /// <summary>The trace's id (W3C) where the request is traced, else the connection's request number.</summary>
    internal static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
}
