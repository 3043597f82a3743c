using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Cache.Values;

/// <summary>The codecs of all types, made when a type is first met.</summary>
internal sealed class ValueCodecs
{
    private readonly ConcurrentDictionary<Type, object> _codecs = new();
    private readonly IServiceProvider _services;
    private readonly IHybridCacheSerializerFactory[] _factories;
    private readonly JsonSerializerOptions _json;

    public ValueCodecs(IServiceProvider services, IOptions<CacheJsonOptions> json)
    {
        _services = services;
        // The one that was registered last goes first, as everywhere with services.
        _factories = [.. services.GetServices<IHybridCacheSerializerFactory>().Reverse()];
        _json = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. json.Value.Resolvers, new DefaultJsonTypeInfoResolver()]),
        };
    }

    public ValueCodec<T> For<T>() => (ValueCodec<T>)_codecs.GetOrAdd(typeof(T), static (_, all) => all.Create<T>(), this);

    private ValueCodec<T> Create<T>() => new(Registered<T>(), () => (JsonTypeInfo<T>)_json.GetTypeInfo(typeof(T)));

    private IHybridCacheSerializer<T>? Registered<T>()
    {
        if (_services.GetService<IHybridCacheSerializer<T>>() is { } one)
        {
            return one;
        }

        foreach (var factory in _factories)
        {
            if (factory.TryCreateSerializer<T>(out var made))
            {
                return made;
            }
        }

        return null;
    }
}
