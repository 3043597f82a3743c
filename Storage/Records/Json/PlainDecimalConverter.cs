using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.Storage.Records.Json;

/// <summary>Writes decimals as <see cref="DecimalText"/> does.</summary>
public sealed class PlainDecimalConverter : JsonConverter<decimal>
{
    /// <inheritdoc/>
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[DecimalText.MostBytes];
        writer.WriteRawValue(text[..DecimalText.Format(value, text)], skipInputValidation: true);
    }
}
