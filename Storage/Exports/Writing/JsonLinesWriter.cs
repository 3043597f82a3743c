using System.Text.Encodings.Web;
using System.Text.Json;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Protection.Fernet;

namespace CloudStore.Storage.Exports.Writing;

/// <summary>One JSON object a line, in UTF-8: all columns in each, null where there is no value, documents as they are and tokens as strings.</summary>
internal sealed class JsonLinesWriter<T>(IReadOnlyList<ExportColumn<T>> columns, FernetColumns? encryption) : RowWriter<T>(columns, encryption), IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly JsonEncodedText[] _names = [.. columns.Select(c => JsonEncodedText.Encode(c.Name))];
    private readonly Utf8Buffer _number = new();
    private Utf8JsonWriter? _json;

    /// <inheritdoc/>
    public override void WriteHead(Utf8Buffer to) => _json = new Utf8JsonWriter(to, Options);

    /// <inheritdoc/>
    public override void Write(T row, Utf8Buffer to)
    {
        _json!.Reset();
        _json.WriteStartObject();
        for (int i = 0; i < Columns.Count; i++)
        {
            _json.WritePropertyName(_names[i]);
            WriteValue(row, i);
        }

        _json.WriteEndObject();
        _json.Flush();
        to.Add((byte)'\n');
    }

    public void Dispose() => _json?.Dispose();

    private void WriteValue(T row, int column)
    {
        if (IsEncrypted(column))
        {
            WriteText(Token(column, row));
            return;
        }

        switch (Columns[column].Type)
        {
            case FieldType.Text:
                WriteText(Columns[column].Text(row));
                break;
            case FieldType.Instant when Columns[column].Instant(row) is { } instant:
                _json!.WriteStringValue(DateTime.SpecifyKind(instant, DateTimeKind.Utc));
                break;
            case FieldType.Json when Columns[column].Text(row) is { } document:
                WriteDocument(document);
                break;
            case FieldType.Integer or FieldType.Decimal or FieldType.Ratio when Number(row, column) is { IsEmpty: false } number:
                _json!.WriteRawValue(number.Span, skipInputValidation: true);
                break;
            default:
                _json!.WriteNullValue();
                break;
        }
    }

    private void WriteText(string? text)
    {
        if (text is null)
        {
            _json!.WriteNullValue();
        }
        else
        {
            _json!.WriteStringValue(text);
        }
    }

    private ReadOnlyMemory<byte> Number(T row, int column)
    {
        _number.Clear();
        Columns[column].TryWrite(row, _number);
        return _number.Written;
    }

    // A line is a row: a document that was sent over several lines is written on one.
    private void WriteDocument(string document)
    {
        if (!document.AsSpan().ContainsAny('\n', '\r'))
        {
            _json!.WriteRawValue(document, skipInputValidation: true);
            return;
        }

        using var parsed = JsonDocument.Parse(document);
        parsed.RootElement.WriteTo(_json!);
    }
}
