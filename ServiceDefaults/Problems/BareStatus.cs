using Microsoft.AspNetCore.Http;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>Problem details for error statuses that were set without a body: by routing, by the server, or by reading a body.</summary>
internal static class BareStatus
{
    public static Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.Response.StatusCode == StatusCodes.Status400BadRequest && QueryFailures.Find(context) is { } error)
        {
            return ProblemWriter.WriteAsync(context, ProblemKind.Invalid, error.Message, [error]);
        }

        var (kind, detail) = context.Response.StatusCode switch
        {
            400 when HttpMethods.IsGet(request.Method) || HttpMethods.IsDelete(request.Method) => (ProblemKind.Malformed, "A value of the request cannot be read."),
            // Binding a JSON body reports every other failure by an exception; what is left is a body that could not be read to its end.
            400 => (ProblemKind.Malformed, BodyFailures.Ended),
            401 => (ProblemKind.Unauthenticated, "A valid access key is needed."),
            403 => (ProblemKind.Forbidden, "The access key's role does not allow this."),
            404 when context.GetEndpoint() is null => (ProblemKind.NoRoute, $"The service has no {request.Path}; /openapi/v1.json lists what it has. Ids in paths are UUIDs."),
            404 => (ProblemKind.NotFound, "There is no such record."),
            405 => (ProblemKind.MethodNotAllowed, $"{request.Path} does not take {request.Method}; it takes {context.Response.Headers.Allow}."),
            408 => (ProblemKind.Timeout, "The body took too long to arrive."),
            409 => (ProblemKind.Conflict, "The request conflicts with what is stored."),
            412 => (ProblemKind.Stale, "The record has changed since it was read."),
            413 => (ProblemKind.TooLarge, BodyFailures.TooLarge),
            415 => (ProblemKind.UnsupportedMedia, BodyFailures.Unsupported(request.ContentType)),
            422 => (ProblemKind.Unprocessable, "The content cannot be processed."),
            429 => (ProblemKind.RateLimited, "Too many requests; wait a moment."),
            503 => (ProblemKind.Unavailable, "A store this request needs is away."),
            >= 500 => (ProblemKind.Internal, "The server failed to answer this request."),
            _ => (ProblemKind.Malformed, "The server cannot read this request."),
        };
        return ProblemWriter.WriteAsync(context, kind, detail);
    }
}
