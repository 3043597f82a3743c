using System.Buffers;
using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;

namespace CloudStore.Api.Cache.Answers;

/// <summary>An answer of 200 as it was sent. Nobody changes its bytes.</summary>
/// <param name="Body">What was sent.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="ETag">The record's, or one made of the bytes.</param>
/// <param name="Link">The links, where there were some.</param>
[ImmutableObject(true)]
internal sealed record CachedAnswer(ReadOnlyMemory<byte> Body, string ContentType, string ETag, string? Link);

/// <summary>Writes answers for the layers that processes share: the headers as a line of JSON, then the body as it is.</summary>
internal sealed class CachedAnswerSerializer : IHybridCacheSerializer<CachedAnswer>
{
    private const byte End = (byte)'\n';

    /// <inheritdoc/>
    public void Serialize(CachedAnswer value, IBufferWriter<byte> target)
    {
        using (var json = new Utf8JsonWriter(target))
        {
            json.WriteStartArray();
            json.WriteStringValue(value.ContentType);
            json.WriteStringValue(value.ETag);
            json.WriteStringValue(value.Link);
            json.WriteEndArray();
        }

        target.Write([End]);
        target.Write(value.Body.Span);
    }

    /// <inheritdoc/>
    public CachedAnswer Deserialize(ReadOnlySequence<byte> source)
    {
        var bytes = source.ToArray();
        int end = Array.IndexOf(bytes, End);
        using var head = JsonDocument.Parse(bytes.AsMemory(0, end));
        return new CachedAnswer(bytes.AsMemory(end + 1), head.RootElement[0].GetString()!, head.RootElement[1].GetString()!, head.RootElement[2].GetString());
    }
}
