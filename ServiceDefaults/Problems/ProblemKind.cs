using System.Reflection;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>A kind of problem with a stable id. Its documentation is the section of that name in docs/problems.md.</summary>
/// <param name="Id">Stable id, the last part of the problem's <c>type</c> URI.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">A short title, the same for every occurrence.</param>
/// <param name="Explanation">When it occurs and what the caller can do; the same text as in docs/problems.md.</param>
public sealed record ProblemKind(string Id, int Status, string Title, string Explanation)
{
    public static readonly ProblemKind Invalid = new("invalid", 400, "The request breaks a rule",
        "The request could be read, but a value in it is not allowed. `errors` names each field, the rule and what would be right. Correct the request and send it again.");

    public static readonly ProblemKind Malformed = new("malformed", 400, "The request cannot be read",
        "The body is not well-formed, is nested too deeply, or ended before all of it had arrived. `detail` says where. Correct the body and send it again.");

    public static readonly ProblemKind InvalidCursor = new("invalid-cursor", 400, "The cursor is not one this list gave out",
        "The cursor was changed, or belongs to a list with other filters, another order or another tenant. Start again without a cursor.");

    public static readonly ProblemKind Unauthenticated = new("unauthenticated", 401, "A valid access key is needed",
        "No access key was sent, or the one sent is unknown, expired or revoked. Send `Authorization: Bearer cs_...` or `X-Api-Key: cs_...`.");

    public static readonly ProblemKind Forbidden = new("forbidden", 403, "The access key's role does not allow this",
        "The key is valid, but its role is too low. `detail` names the role that is needed. Ask an operator for a key with that role.");

    public static readonly ProblemKind ConsentRequired = new("consent-required", 403, "The user has not consented to this",
        "What was asked for needs a consent of the user that was never given, was withdrawn, or was given for another version of its text. `detail` names purpose and user. Ask the user, and report the decision at `/v1/voice/consents`.");

    public static readonly ProblemKind NotFound = new("not-found", 404, "There is no such record",
        "No record of the caller's tenant has this id. It may never have existed, may have been deleted, or may belong to another tenant.");

    public static readonly ProblemKind NoRoute = new("no-route", 404, "There is nothing at this address",
        "The path is not one the service answers. `/openapi/v1.json` lists those it does.");

    public static readonly ProblemKind MethodNotAllowed = new("method-not-allowed", 405, "The address does not take this method",
        "The path exists, but not with this HTTP method. The `Allow` header names the methods it takes.");

    public static readonly ProblemKind Timeout = new("timeout", 408, "The request took too long to arrive",
        "The body came in more slowly than the server waits for. Send it again over a better connection, or in smaller parts.");

    public static readonly ProblemKind Conflict = new("conflict", 409, "The request conflicts with what is stored",
        "A record with this key exists, or the change would leave the store in a state that is not allowed. `detail` says which. Change the request, or the record it conflicts with.");

    public static readonly ProblemKind IdempotencyRunning = new("idempotency-running", 409, "The first request with this Idempotency-Key is still running",
        "Another request with the same `Idempotency-Key` has not been answered yet. Send this one again after `Retry-After` seconds to get the first one's answer.");

    public static readonly ProblemKind Destroyed = new("destroyed", 410, "The key of this data was destroyed",
        "The values were encrypted with a key that an operator has destroyed, usually to erase a person or a tenant. Nobody can read them any more. Delete the records that `detail` names.");

    public static readonly ProblemKind Expired = new("expired", 410, "It was there, and its time is over",
        "The link or the upload has expired. Ask for a new link, or begin the upload again.");

    public static readonly ProblemKind TusVersion = new("tus-version", 412, "This version of tus is not spoken here",
        "Requests to `/v1/uploads` carry `Tus-Resumable: 1.0.0`. The answer's `Tus-Version` names what is spoken.");

    public static readonly ProblemKind Range = new("range", 416, "The content has no such part",
        "The `Range` begins behind the end of the content. `Content-Range` of the answer tells how long it is.");

    public static readonly ProblemKind Checksum = new("checksum", 460, "What arrived is not what was sent",
        "The bytes have another checksum than `Upload-Checksum` says, and were dropped. Send them again from the upload's offset.");

    public static readonly ProblemKind Stale = new("stale", 412, "The record has changed since it was read",
        "`If-Match` names a revision that is no longer the current one. Read the record again, repeat the change on it and send its new ETag.");

    public static readonly ProblemKind TooLarge = new("too-large", 413, "The request is too large",
        "The body, or a part of it, is over the limit that `detail` states. Send less at once; large files go through `/v1/imports`.");

    public static readonly ProblemKind UnsupportedMedia = new("unsupported-media", 415, "The content type is not supported",
        "The address does not take a body of this `Content-Type`. Send `application/json`, or one of the types that `/openapi/v1.json` lists for it.");

    public static readonly ProblemKind Unprocessable = new("unprocessable", 422, "The content cannot be processed",
        "The body was received whole, but its content cannot be worked with. `detail` and `errors` say why.");

    public static readonly ProblemKind IdempotencyMismatch = new("idempotency-mismatch", 422, "This Idempotency-Key was used with another request",
        "A request with the same `Idempotency-Key` but another path, query or body came first. Use a fresh key for each new request, and the same key only to repeat one.");

    public static readonly ProblemKind RateLimited = new("rate-limited", 429, "Too many requests",
        "The key has used up its requests for the moment. Wait `Retry-After` seconds.");

    public static readonly ProblemKind Internal = new("internal", 500, "The server failed",
        "Something went wrong that the caller cannot mend. The server's log has the cause under the `traceId`; report that id.");

    public static readonly ProblemKind Unreadable = new("unreadable", 500, "Stored data cannot be decrypted",
        "An encrypted value was changed or moved behind the service's back, or its key is not here. `detail` and `errors` name table, column and row, and the rule says what is wrong. An operator has to restore the row or the key.");

    public static readonly ProblemKind Unavailable = new("unavailable", 503, "A store this request needs is away",
        "A database or file store does not answer. Nothing was half-written. Send the request again after `Retry-After` seconds.");

    public static readonly ProblemKind InsufficientStorage = new("insufficient-storage", 507, "The store is full",
        "A disk or database has no room for the request. An operator has to free or add space before it can succeed.");

    /// <summary>Every kind, by status and then by id.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
        [.. typeof(ProblemKind).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<ProblemKind>()
            .OrderBy(k => k.Status).ThenBy(k => k.Id, StringComparer.Ordinal)];

    /// <summary>The problem's <c>type</c>: a URI reference that the service itself answers.</summary>
    public string Type => $"/problems/{Id}";
}
