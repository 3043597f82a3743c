namespace CloudStore.Storage.Records.Idempotency;

/// <summary>The Idempotency-Key of the scope's request, for what carries the request on after its answer.</summary>
public sealed class IdempotencyScope
{
    /// <summary>Null for a request without a key.</summary>
    public IdempotentRequest? Current { get; set; }
}

/// <summary>A request with an Idempotency-Key.</summary>
/// <param name="Key">As the caller sent it.</param>
/// <param name="Route">Method and path.</param>
/// <param name="RequestHash">SHA-256 of what makes it this request and no other.</param>
/// <param name="Owner">Whose claim it is; null where the database could not be asked, and the request must not be carried out before it is.</param>
public sealed record IdempotentRequest(string Key, string Route, byte[] RequestHash, string? Owner);
