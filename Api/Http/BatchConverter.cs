using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CloudStore.Api.Http;

/// <summary>Reads a batch as an object with <c>items</c> or as the array of items alone; fields of items are named <c>[3].spend</c> in both.</summary>
internal abstract class BatchConverter<TBatch, TItem>(Func<IReadOnlyList<TItem>, TBatch> make, Func<TBatch, IReadOnlyList<TItem>> items) : JsonConverter<TBatch>
    where TBatch : class
{
    private const string Items = "items";

    /// <inheritdoc/>
    public override TBatch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var type = (JsonTypeInfo<List<TItem>>)options.GetTypeInfo(typeof(List<TItem>));
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            return make(JsonSerializer.Deserialize(ref reader, type)!);
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        List<TItem>? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals(Items) || found is not null)
            {
                throw new JsonException($"The JSON property '{reader.GetString()}' could not be mapped to a batch.");
            }

            reader.Read();
            found = JsonSerializer.Deserialize(ref reader, type) ?? [];
        }

        return make(found ?? []);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TBatch value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WritePropertyName(Items);
        JsonSerializer.Serialize(writer, items(value), options.GetTypeInfo(typeof(IReadOnlyList<TItem>)));
        writer.WriteEndObject();
    }
}
