using System.Data.Common;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Files;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>A batch of archived rows: gzipped JSON Lines, the stored columns of a row under their names.</summary>
internal static class ArchiveFile
{
    private static readonly JsonWriterOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it as a whole, in place of one that may be there; it is on the disk when this returns.</summary>
    public static void Write(string path, IReadOnlyList<byte[]> rows)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var row in rows)
            {
                gzip.Write(row);
                gzip.WriteByte((byte)'\n');
            }
        }

        DurableFile.Write(path, packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    public static IEnumerable<byte[]> Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return Encoding.UTF8.GetBytes(line);
        }
    }

    /// <summary>The stored columns of the current row as a JSON object.</summary>
    public static byte[] Row(DbDataReader row)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Json))
        {
            json.WriteStartObject();
            for (int i = 0; i < row.FieldCount; i++)
            {
                json.WritePropertyName(row.GetName(i));
                WriteValue(json, row.GetValue(i));
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>The id of an archived row. SQLite keeps ids as bytes, which stand in base64.</summary>
    public static Guid IdOf(byte[] row)
    {
        using var json = JsonDocument.Parse(row);
        return IdOf(json.RootElement);
    }

    /// <inheritdoc cref="IdOf(byte[])"/>
    public static Guid IdOf(JsonElement row) => row.GetProperty("id") is var id && id.TryGetGuid(out var guid) ? guid : new Guid(id.GetBytesFromBase64(), bigEndian: true);

    /// <summary>The id that an archived row has as text or in base64.</summary>
    public static Guid IdOf(System.Text.Json.Nodes.JsonNode id) => Guid.TryParse((string)id!, out var guid) ? guid : new Guid(Convert.FromBase64String((string)id!), bigEndian: true);

    /// <summary>Whether the row names the person in that column.</summary>
    public static bool IsAbout(byte[] row, string column, string subject)
    {
        using var json = JsonDocument.Parse(row);
        return json.RootElement.TryGetProperty(column, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(subject);
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case DBNull: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int or long or short: json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case double number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case DateTime instant: json.WriteStringValue(instant); break;
            case Guid id: json.WriteStringValue(id); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}
