using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudStore.Api.Http;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Files;

/// <summary>
/// Idempotency-Key for files. They are too large to be kept and compared, so the key is claimed when the content is stored and its hash known, before the file is there.
/// </summary>
internal sealed partial class FileIdempotency(IdempotencyStore store, FileService files, CallerScope caller, IOptions<JsonOptions> json, ILogger<FileIdempotency> logger)
{
    /// <returns>201 with the file, or the first request's answer again.</returns>
    public async Task<IResult> KeepAsync(HttpContext http, StoredFile staged)
    {
        if ((string?)http.Request.Headers["Idempotency-Key"] is not { } key)
        {
            return Answer(http, await files.KeepAsync(staged, http.RequestAborted));
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{http.Request.QueryString.ToUriComponent()}{IdempotencyStore.BehalfOf(http.Request)}\n{staged.Sha256}"));
        IdempotencyOutcome outcome;
        try
        {
            outcome = await store.ClaimAsync(caller.Required.Tenant, key, $"POST {http.Request.Path}", hash, http.RequestAborted);
        }
        catch
        {
            await files.DiscardAsync(staged);
            throw;
        }

        if (outcome.Answer is { } kept)
        {
            await files.DiscardAsync(staged);
            return new ReplayedAnswer(kept);
        }

        StoredFile file;
        try
        {
            file = await files.KeepAsync(staged, http.RequestAborted);
        }
        catch
        {
            await store.ReleaseAsync(outcome.Claim!, CancellationToken.None);
            throw;
        }

        await CompleteAsync(outcome.Claim!, file);
        return Answer(http, file);
    }

    // The file is there by now: that this cannot be written down must neither hide that nor give the key free.
    private async Task CompleteAsync(IdempotencyClaim claim, StoredFile file)
    {
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(FileView.Of(file), json.Value.SerializerOptions);
            await store.CompleteAsync(claim, new IdempotentAnswer(StatusCodes.Status201Created, "application/json; charset=utf-8", Location(file), ETag.Of(file.Revision), body), CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            NotKept(logger, claim.Key, e.GetBaseException().Message);
        }
    }

    private static IResult Answer(HttpContext http, StoredFile file) => Answers.Created(http, FileView.Of(file), Location(file), file.Revision);

    private static string Location(StoredFile file) => $"/v1/files/{file.Id}";

    [LoggerMessage(1, LogLevel.Warning, "The answer to Idempotency-Key {Key}, which stored a file, was not kept: {Reason}")]
    private static partial void NotKept(ILogger logger, string key, string reason);
}
