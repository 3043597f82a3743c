namespace CloudStore.Storage.Records.Idempotency;

/// <summary>A right to carry out a request; ended by completing or releasing it in <see cref="IdempotencyStore"/>.</summary>
public sealed record IdempotencyClaim(string Tenant, string Key, string Owner);

/// <summary>The answer of a request, as it is given again.</summary>
/// <param name="Body">Null where the answer held a secret, which is not kept, or was erased since.</param>
public sealed record IdempotentAnswer(int Status, string? ContentType, string? Location, string? ETag, byte[]? Body);

/// <summary>What came of asking for a claim: exactly one of both is set.</summary>
/// <param name="Claim">The request is the caller's to carry out.</param>
/// <param name="Answer">It was carried out before.</param>
public readonly record struct IdempotencyOutcome(IdempotencyClaim? Claim, IdempotentAnswer? Answer);
