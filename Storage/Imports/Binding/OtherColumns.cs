using System.Buffers;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>Collects the columns of a row that no field takes as one JSON object: text as it stands, JSON values as they are, empty ones left out.</summary>
internal sealed class OtherColumns : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;
    private bool _any;

    public OtherColumns() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true, Encoder = JsonText.Encoder });

    public void Start()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        _any = false;
    }

    public void Add(JsonEncodedText name, FieldKind kind, ReadOnlySpan<byte> value)
    {
        if (!_any)
        {
            _any = true;
            _writer.WriteStartObject();
        }

        _writer.WritePropertyName(name);
        if (kind == FieldKind.Text)
        {
            _writer.WriteStringValue(value);
        }
        else
        {
            _writer.WriteRawValue(value, skipInputValidation: true);
        }
    }

    /// <summary>Adds the members of a JSON object that the row holds in a column of its own.</summary>
    public void AddMembers(JsonElement members)
    {
        if (!_any)
        {
            _any = true;
            _writer.WriteStartObject();
        }

        foreach (var member in members.EnumerateObject())
        {
            _writer.WritePropertyName(member.Name);
            member.Value.WriteTo(_writer);
        }
    }

    /// <summary>The object's text, or null where there was nothing.</summary>
    public string? Finish()
    {
        if (!_any)
        {
            return null;
        }

        _writer.WriteEndObject();
        _writer.Flush();
        // JSON values stand as the file has them: letters that it writes as escapes become letters.
        return JsonText.WithoutEscapes(Encoding.UTF8.GetString(_buffer.WrittenSpan));
    }

    public void Dispose() => _writer.Dispose();
}
