using Microsoft.AspNetCore.Http;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>The kept answer of the first request with an Idempotency-Key, for endpoints that claim their key themselves.</summary>
public sealed class ReplayedAnswer(IdempotentAnswer answer) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => IdempotencyMiddleware.ReplayAsync(httpContext, answer);
}
