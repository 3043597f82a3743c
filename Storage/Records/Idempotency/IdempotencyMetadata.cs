using Microsoft.AspNetCore.Builder;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>Endpoint metadata: the body is a stream that cannot be kept to be hashed first; the endpoint asks <see cref="IdempotencyStore"/> itself.</summary>
public sealed class StreamedBody
{
    public static readonly StreamedBody Instance = new();
}

/// <summary>Endpoint metadata: the answer holds a secret. A repeated request is not carried out again, and is not shown the secret again either.</summary>
public sealed class SecretAnswer
{
    public static readonly SecretAnswer Instance = new();
}

/// <summary>Endpoint metadata: while the database is away the request waits in the spool, with its key, which is claimed when the database is back.</summary>
public sealed class SpooledRequest
{
    public static readonly SpooledRequest Instance = new();
}

/// <summary>Sets the metadata.</summary>
public static class IdempotencyMetadataExtensions
{
    public static TBuilder WithStreamedBody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(StreamedBody.Instance);

    public static TBuilder WithSpool<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(SpooledRequest.Instance);

    public static TBuilder WithSecretAnswer<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(SecretAnswer.Instance);
}
