using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.Storage.Records.Json;

/// <summary>Enumerations are their names in camel case; numbers are refused.</summary>
public sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
