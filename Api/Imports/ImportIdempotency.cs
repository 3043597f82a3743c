using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Imports;

/// <summary>
/// Idempotency-Key for uploads. They are too large to be kept and compared, so the key is claimed when the file is stored and its hash known, before the job is
/// queued.
/// </summary>
public sealed partial class ImportIdempotency(
    IdempotencyStore store, ImportService imports, CallerScope caller, TimeProvider time, IOptions<JsonOptions> json, ILogger<ImportIdempotency> logger)
{
    /// <returns>The answer to send: 202 with a new job, 200 with the job of the same file, or the first request's answer again.</returns>
    public async Task<IResult> EnqueueAsync(HttpContext http, StoredContent content, Func<Task<(ImportJob Job, bool IsNew)>> enqueue)
    {
        var key = (string?)http.Request.Headers["Idempotency-Key"];
        if (key is null)
        {
            return Answer(http, await enqueue());
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{http.Request.QueryString.ToUriComponent()}\n{content.Sha256}"));
        IdempotencyOutcome outcome;
        try
        {
            outcome = await store.ClaimAsync(caller.Required.Tenant, key, $"POST {http.Request.Path}", hash, http.RequestAborted);
        }
        catch
        {
            await imports.DiscardAsync(content);
            throw;
        }

        if (outcome.Answer is { } kept)
        {
            await imports.DiscardAsync(content);
            return new ReplayedAnswer(kept);
        }

        return await FirstAsync(http, outcome.Claim!, enqueue);
    }

    private async Task<IResult> FirstAsync(HttpContext http, IdempotencyClaim claim, Func<Task<(ImportJob Job, bool IsNew)>> enqueue)
    {
        (ImportJob Job, bool IsNew) made;
        try
        {
            made = await enqueue();
        }
        catch
        {
            await EndAsync(claim, () => store.ReleaseAsync(claim, CancellationToken.None));
            throw;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(ImportView.Of(made.Job, time), json.Value.SerializerOptions);
        var status = made.IsNew ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        var answer = new IdempotentAnswer(status, "application/json; charset=utf-8", $"/v1/imports/{made.Job.Id}", null, body);
        await EndAsync(claim, () => store.CompleteAsync(claim, answer, CancellationToken.None));
        return Answer(http, made);
    }

    // The job is queued by now, or is not: that this cannot be written down changes neither. The claim goes when its lease is over, and the same file finds the same job.
    private async Task EndAsync(IdempotencyClaim claim, Func<Task<bool>> end)
    {
        try
        {
            await end();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            NotKept(logger, claim.Key, e.GetBaseException().Message);
        }
    }

    private IResult Answer(HttpContext http, (ImportJob Job, bool IsNew) made)
    {
        var view = ImportView.Of(made.Job, time);
        http.Response.Headers.Location = $"/v1/imports/{made.Job.Id}";
        return made.IsNew ? TypedResults.Accepted($"/v1/imports/{made.Job.Id}", view) : TypedResults.Ok(view);
    }

    [LoggerMessage(1, LogLevel.Warning, "What came of the upload with Idempotency-Key {Key} was not kept: {Reason}")]
    private static partial void NotKept(ILogger logger, string key, string reason);
}
