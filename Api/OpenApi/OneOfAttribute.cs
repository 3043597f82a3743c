using System.ComponentModel;

namespace CloudStore.Api.OpenApi;

/// <summary>A query parameter that is one of an enum's names, which <c>QueryEnum</c> reads: the OpenAPI document lists them.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class OneOfAttribute(Type type, string description) : DescriptionAttribute(description)
{
    /// <summary>The enum.</summary>
    public Type Type => type;
}
