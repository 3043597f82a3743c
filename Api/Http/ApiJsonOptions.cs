using System.Text.Json;
using System.Text.Json.Serialization;
using CloudStore.Api.Cache;
using CloudStore.Api.Lifecycle;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Api.Http;

/// <summary>
/// How the API reads and writes JSON: camelCase names in exactly that case, nulls written, enums as camelCase strings; what it does not know, and what
/// is there twice, is refused.
/// </summary>
public static class ApiJsonOptions
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new PlainDecimalConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        options.TypeInfoResolverChain.Insert(0, LifecycleJson.Default);
        options.TypeInfoResolverChain.Insert(0, CacheJson.Default);
    }
}
