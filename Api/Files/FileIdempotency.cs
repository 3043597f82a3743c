using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudStore.Api.Http;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Files;

/// <summary>
/// Idempotency-Key for files. They are too large to be kept and compared, so the key is claimed when the content is stored and its hash known, before the file is there.
/// </summary>
internal sealed class FileIdempotency(IdempotencyStore store, FileService files, CallerScope caller, IOptions<JsonOptions> json)
{
    /// <returns>201 with the file, or the first request's answer again.</returns>
    public async Task<IResult> KeepAsync(HttpContext http, StoredFile staged)
    {
        if ((string?)http.Request.Headers["Idempotency-Key"] is not { } key)
        {
            return Answer(http, await files.KeepAsync(staged, http.RequestAborted));
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{http.Request.QueryString.ToUriComponent()}\n{staged.Sha256}"));
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

        try
        {
            var file = await files.KeepAsync(staged, http.RequestAborted);
            var body = JsonSerializer.SerializeToUtf8Bytes(FileView.Of(file), json.Value.SerializerOptions);
            await store.CompleteAsync(outcome.Claim!, new IdempotentAnswer(StatusCodes.Status201Created, "application/json; charset=utf-8", Location(file), ETag.Of(file.Revision), body), CancellationToken.None);
            return Answer(http, file);
        }
        catch
        {
            await store.ReleaseAsync(outcome.Claim!, CancellationToken.None);
            throw;
        }
    }

    private static IResult Answer(HttpContext http, StoredFile file) => Answers.Created(http, FileView.Of(file), Location(file), file.Revision);

    private static string Location(StoredFile file) => $"/v1/files/{file.Id}";
}
