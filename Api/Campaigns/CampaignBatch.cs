using System.Text.Json;
using System.Text.Json.Serialization;
using CloudStore.Storage.Campaigns;

namespace CloudStore.Api.Campaigns;

/// <summary>The body of a batch: an object with <c>items</c>, or the array of items alone.</summary>
/// <param name="Items">1 to 10,000 campaigns.</param>
[JsonConverter(typeof(CampaignBatchConverter))]
internal sealed record CampaignBatch(IReadOnlyList<CampaignDraft> Items);

/// <summary>Reads both forms; fields of items are named <c>[3].spend</c> in both.</summary>
internal sealed class CampaignBatchConverter : JsonConverter<CampaignBatch>
{
    private const string Items = "items";

    /// <inheritdoc/>
    public override CampaignBatch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var type = (System.Text.Json.Serialization.Metadata.JsonTypeInfo<List<CampaignDraft>>)options.GetTypeInfo(typeof(List<CampaignDraft>));
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            return new CampaignBatch(JsonSerializer.Deserialize(ref reader, type)!);
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }

        List<CampaignDraft>? items = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals(Items) || items is not null)
            {
                throw new JsonException($"The JSON property '{reader.GetString()}' could not be mapped to a batch.");
            }

            reader.Read();
            items = JsonSerializer.Deserialize(ref reader, type) ?? [];
        }

        return new CampaignBatch(items ?? []);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CampaignBatch value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WritePropertyName(Items);
        JsonSerializer.Serialize(writer, value.Items, options.GetTypeInfo(typeof(IReadOnlyList<CampaignDraft>)));
        writer.WriteEndObject();
    }
}
