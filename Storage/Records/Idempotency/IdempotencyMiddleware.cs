using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Spooling;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>
/// Carries out a POST with an <c>Idempotency-Key</c> once: the key is claimed before the work, and later requests with it get the first one's status, body,
/// Location and ETag, with <c>Idempotency-Replayed: true</c>. Answers of 5xx, 408 and 429 are not kept: the request may be sent again. Where the database cannot be asked,
/// a request that can be spooled is, with its key; while it waits its repeats are answered from the spool.
/// </summary>
internal sealed partial class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store, Spool spool, ProblemGuard problems, TimeProvider time, ILogger<IdempotencyMiddleware> logger)
{
    private const string Header = "Idempotency-Key";
    private const string Replayed = "Idempotency-Replayed";
    private const int InMemory = 64 * 1024;

    public Task InvokeAsync(HttpContext context)
    {
        var key = (string?)context.Request.Headers[Header];
        return key is not null && HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<StreamedBody>() is null &&
            context.RequestServices.GetRequiredService<CallerScope>().Current is { } caller
            ? OnceAsync(context, endpoint, key, caller)
            : next(context);
    }

    private async Task OnceAsync(HttpContext context, Endpoint endpoint, string key, Caller caller)
    {
        var request = context.Request;
        await using var body = new FileBufferingReadStream(request.Body, InMemory);
        var hash = await HashAsync(request, body, context.RequestAborted);
        request.Body = body;
        var once = new IdempotentRequest(key, $"{request.Method} {request.Path}", hash, null);
        if (FindWaiting(caller, once) is { } waiting)
        {
            await ReplayAsync(context, waiting);
            return;
        }

        var scope = context.RequestServices.GetRequiredService<IdempotencyScope>();
        scope.Current = once;
        if (await ClaimAsync(caller, once, endpoint.Metadata.GetMetadata<SpooledRequest>() is not null, context.RequestAborted) is not { } outcome)
        {
            // Not claimed: it goes to the spool and nowhere else.
            await next(context);
        }
        else if (outcome.Answer is { } answer)
        {
            await ReplayAsync(context, answer);
        }
        else
        {
            scope.Current = once with { Owner = outcome.Claim!.Owner };
            await CarryOutAsync(context, outcome.Claim, endpoint.Metadata.GetMetadata<SecretAnswer>() is not null);
        }
    }

    /// <exception cref="ProblemException">Of kind idempotency-mismatch: what waits is another request.</exception>
    private IdempotentAnswer? FindWaiting(Caller caller, IdempotentRequest request)
    {
        if (spool.FindKey(caller.Tenant, request.Key) is not { } entry)
        {
            return null;
        }

        var first = entry.Key!.Request;
        return first.RequestHash.AsSpan().SequenceEqual(request.RequestHash) ? SpooledKey.AnswerOf(entry) : throw IdempotencyStore.Mismatch(request.Key, first.Route);
    }

    /// <returns>Null where the database cannot be asked and the request can wait for it. While others wait it is not asked: it might not answer for long.</returns>
    private async Task<IdempotencyOutcome?> ClaimAsync(Caller caller, IdempotentRequest request, bool spools, CancellationToken cancellationToken)
    {
        IdempotencyStore.Validate(request.Key);
        if (spools && spool.Count > 0)
        {
            return null;
        }

        try
        {
            return await store.ClaimAsync(caller.Tenant, request.Key, request.Route, request.RequestHash, cancellationToken);
        }
        catch (Exception e) when (spools && StoreFailures.IsDatabaseAway(e))
        {
            return null;
        }
    }

    private async Task CarryOutAsync(HttpContext context, IdempotencyClaim claim, bool secret)
    {
        var response = context.Response;
        var (sent, aborted) = (response.Body, context.RequestAborted);
        using var kept = new MemoryStream();
        response.Body = kept;
        // A client that leaves ends neither the work, of which a part would be done again at the next try, nor the answer, which is kept whole or not at all.
        context.RequestAborted = CancellationToken.None;
        try
        {
            await using var renewal = new LeaseRenewal(store, claim, time, logger);
            // Failures become answers here, inside: they are kept like any other answer.
            await problems.RunAsync(context, next);
        }
        finally
        {
            (response.Body, context.RequestAborted) = (sent, aborted);
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
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}{IdempotencyStore.BehalfOf(request)}\n"));
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
