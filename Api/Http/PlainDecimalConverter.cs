using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.Api.Http;

/// <summary>Writes decimals without trailing zeros: databases keep different numbers of them, and the value is the same.</summary>
public sealed class PlainDecimalConverter : JsonConverter<decimal>
{
    // Dividing by one written with 28 zeros leaves the shortest form.
    private const decimal One = 1.0000000000000000000000000000m;

    /// <inheritdoc/>
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Scale == 0 ? value : value / One);
}
