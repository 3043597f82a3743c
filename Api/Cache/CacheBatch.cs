using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.Api.Cache;

/// <summary>A counter after it was added to.</summary>
internal sealed record CacheCounter(string Key, long Value);

/// <summary>Several operations, carried out in their order, each by itself.</summary>
/// <param name="Operations">1 to 1,000.</param>
internal sealed record CacheBatch(IReadOnlyList<CacheOperation> Operations);

/// <summary>What came of them, in their order.</summary>
internal sealed record CacheBatchAnswer(IReadOnlyList<CacheOutcome> Results);

/// <summary>What an operation does.</summary>
internal enum CacheOperationKind
{
    Get,
    Set,
    Delete,
    Increment,
}

/// <summary>One operation.</summary>
internal sealed record CacheOperation
{
    public required CacheOperationKind Op { get; init; }

    public required string Key { get; init; }

    /// <summary>Of a set: any JSON, kept as application/json.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>Of a set, instead of <see cref="Value"/>: bytes in base64.</summary>
    public string? Base64 { get; init; }

    /// <summary>What <see cref="Base64"/> is; application/octet-stream where absent.</summary>
    public string? ContentType { get; init; }

    /// <summary>Seconds it lives.</summary>
    public double? Ttl { get; init; }

    /// <summary>Seconds since it was last read after which it ends.</summary>
    public double? Sliding { get; init; }

    /// <summary>Seconds past its time that C# callers may be served it.</summary>
    public double? Stale { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Of a set: always, nx or xx.</summary>
    public string? Mode { get; init; }

    /// <summary>Of an increment: what is added; 1 where absent.</summary>
    public long? By { get; init; }
}

/// <summary>What came of one operation; what says nothing about it is left out.</summary>
internal sealed record CacheOutcome
{
    public required CacheOperationKind Op { get; init; }

    public required string Key { get; init; }

    /// <summary>Get: whether there was an entry. Delete: the same. Set: whether the mode allowed it. Increment: true.</summary>
    public required bool Done { get; init; }

    /// <summary>The value of an entry that is JSON or text, or of a counter.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Value { get; init; }

    /// <summary>The value of any other entry.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Base64 { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ContentType { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("etag")]
    public string? ETag { get; init; }

    /// <summary>Seconds it still lives.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Ttl { get; init; }

    /// <summary>Why it could not be done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }
}
