using System.Text.Json.Serialization.Metadata;

namespace CloudStore.Storage.Cache;

/// <summary>
/// Where the cache finds how types are written as JSON. A type that none of these knows is written by reflection; one that a source-generated
/// <see cref="System.Text.Json.Serialization.JsonSerializerContext"/> knows is faster and works where code is trimmed.
/// </summary>
public sealed class CacheJsonOptions
{
    /// <summary>Contexts and other resolvers; the first that knows a type is asked.</summary>
    public IList<IJsonTypeInfoResolver> Resolvers { get; } = [];
}
