using System.Text.Json;
using CloudStore.Storage.Cache;

namespace CloudStore.Api.Cache;

/// <summary>What requests and answers look like in the OpenAPI document.</summary>
internal static class CacheExamples
{
    public static readonly CacheStats Stats = new("closed", "3", 120,
    [
        new CacheLayerStats("memory", 18_220, 4, 310, 300, 12, 0, 288, 1_048_576),
        new CacheLayerStats("redis", 190, 0, 120, 300, 0, 1, null, null),
        new CacheLayerStats("database", 0, 0, 0, 0, 0, 0, 0, null),
    ]);

    public static readonly CacheBatch Batch = new(
    [
        new CacheOperation { Op = CacheOperationKind.Set, Key = "rates/EUR", Value = JsonSerializer.SerializeToElement(1.08), Ttl = 60, Tags = ["rates"] },
        new CacheOperation { Op = CacheOperationKind.Get, Key = "rates/EUR" },
        new CacheOperation { Op = CacheOperationKind.Increment, Key = "hits", By = 1 },
    ]);

    public static readonly CacheBatchAnswer Answer = new(
    [
        new CacheOutcome { Op = CacheOperationKind.Set, Key = "rates/EUR", Done = true },
        new CacheOutcome { Op = CacheOperationKind.Get, Key = "rates/EUR", Done = true, Value = JsonSerializer.SerializeToElement(1.08), ContentType = CacheValue.Json, ETag = "\"19b0\"", Ttl = 60 },
        new CacheOutcome { Op = CacheOperationKind.Increment, Key = "hits", Done = true, Value = JsonSerializer.SerializeToElement(42) },
    ]);
}
