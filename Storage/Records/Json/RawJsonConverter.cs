using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.Storage.Records.Json;

/// <summary>
/// A string property that holds a JSON document is that document in the API, not text with quotes in it. Any document is read; which kinds are allowed is
/// a rule of the record, so that a refusal names the field. Letters that were sent as escapes are kept as letters.
/// </summary>
public sealed class RawJsonConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return JsonText.WithoutEscapes(document.RootElement.GetRawText());
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value, skipInputValidation: true);
}
