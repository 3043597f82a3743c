using System.Text.Json;
using System.Text.Json.Serialization;
using CloudStore.Storage.Imports.Streams;

namespace CloudStore.Ingestion;

/// <summary>The JSON of a stream's acknowledgements, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StreamAck))]
internal sealed partial class StreamJson : JsonSerializerContext
{
    /// <summary>As <see cref="Default"/>, with quotes and non-ASCII letters as they are: the answer is JSON, not HTML.</summary>
    public static StreamJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
