using System.Text.Json.Serialization;
using CloudStore.Storage.Cache;

namespace CloudStore.Api.Cache;

/// <summary>The requests and answers of the cache, without reflection; the options are the API's.</summary>
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(CacheStats))]
[JsonSerializable(typeof(CacheCounter))]
[JsonSerializable(typeof(CacheBatch))]
[JsonSerializable(typeof(CacheBatchAnswer))]
internal sealed partial class CacheJson : JsonSerializerContext;
