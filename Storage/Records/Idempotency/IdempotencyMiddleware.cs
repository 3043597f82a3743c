using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>
/// Carries out a POST with an <c>Idempotency-Key</c> once: the key is claimed before the work, and later requests with it get the first one's status, body,
/// Location and ETag, with <c>Idempotency-Replayed: true</c>. Answers of 5xx, 408 and 429 are not kept: the request may be sent again.
/// </summary>
internal sealed partial class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store, ProblemGuard problems, TimeProvider time, ILogger<IdempotencyMiddleware> logger)
{
    private const string Header = "Idempotency-Key";
    private const string Replayed = "Idempotency-Replayed";
    private const int InMemory = 64 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        var key = (string?)context.Request.Headers[Header];
        return key is not null && HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<StreamedBody>() is null &&
            context.RequestServices.GetRequiredService<CallerScope>().Current is { } caller
            ? OnceAsync(context, key, caller, endpoint.Metadata.GetMetadata<SecretAnswer>() is not null)
            : next(context);
    }

    private async Task OnceAsync(HttpContext context, string key, Caller caller, bool secret)
    {
        var request = context.Request;
        await using var body = new FileBufferingReadStream(request.Body, InMemory);
        var hash = await HashAsync(request, body, context.RequestAborted);
        request.Body = body;
        var outcome = await store.ClaimAsync(caller.Tenant, key, $"{request.Method} {request.Path}", hash, context.RequestAborted);
        if (outcome.Answer is { } answer)
        {
            await ReplayAsync(context, answer);
            return;
        }

        await CarryOutAsync(context, outcome.Claim!, secret);
    }

    private async Task CarryOutAsync(HttpContext context, IdempotencyClaim claim, bool secret)
    {
        var response = context.Response;
        var sent = response.Body;
        using var kept = new MemoryStream();
        response.Body = kept;
        try
        {
            await using var renewal = new LeaseRenewal(store, claim, time, logger);
            // Failures become answers here, inside: they are kept like any other answer.
            await problems.RunAsync(context, next);
        }
        finally
        {
            response.Body = sent;
        }

        await EndAsync(claim, new IdempotentAnswer(response.StatusCode, response.ContentType, response.Headers.Location, response.Headers.ETag, secret && response.StatusCode < 300 ? null : kept.ToArray()));
        kept.Position = 0;
        await kept.CopyToAsync(sent, context.RequestAborted);
    }

    // The work is done or undone by now: that this cannot be written down must not hide its answer, nor may the client's leaving prevent it.
    private async Task EndAsync(IdempotencyClaim claim, IdempotentAnswer answer)
    {
        try
        {
            bool again = answer.Status is >= 500 or StatusCodes.Status408RequestTimeout or StatusCodes.Status429TooManyRequests or ProblemGuard.ClientClosedRequest;
            bool own = await (again ? store.ReleaseAsync(claim) : store.CompleteAsync(claim, answer));
            if (!own)
            {
                NotKept(logger, claim.Key, "another process took the claim over");
            }
        }
        catch (Exception e) when (FailureProblems.Explain(e) is not null)
        {
            NotKept(logger, claim.Key, e.GetBaseException().Message);
        }
    }

    /// <summary>Gives a kept answer again.</summary>
    internal static async Task ReplayAsync(HttpContext context, IdempotentAnswer answer)
    {
        var response = context.Response;
        response.Headers[Replayed] = "true";
        response.Headers.Location = answer.Location;
        if (answer.Body is null)
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.Conflict,
                $"The first request with this Idempotency-Key was carried out and made {answer.Location}. Its answer held a secret or was erased since: it is not kept and cannot be shown again.");
            return;
        }

        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        response.Headers.ETag = answer.ETag;
        await response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static async Task<byte[]> HashAsync(HttpRequest request, FileBufferingReadStream body, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}\n"));
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        body.Position = 0;
        return hash.GetHashAndReset();
    }

    [LoggerMessage(1, LogLevel.Warning, "The answer to Idempotency-Key {Key} was not kept: {Reason}")]
    private static partial void NotKept(ILogger logger, string key, string reason);
}
