using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudStore.Storage.Records.Json;

/// <summary>Reads ISO 8601 dates and date-times into UTC: an offset is applied, and what has none is UTC already.</summary>
public sealed class InstantConverter : JsonConverter<DateTime>
{
    private static readonly string[] Forms =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Reads a date or date-time.</summary>
    /// <param name="isDay">True where the text is a day without a time.</param>
    public static bool TryParse(string? text, out DateTime utc, out bool isDay)
    {
        isDay = text?.Length == 10;
        return DateTime.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out utc);
    }

    /// <inheritdoc/>
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString(), out var utc, out _) ? utc
            // The serializer's own words, with the type of the value: without a message it names the type of the object around it.
            : throw new JsonException($"The JSON value could not be converted to {typeof(DateTime)}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
