using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// An event as the log keeps it: a JSON object in the canonical form of RFC 8785 (names in order, no spaces), without what is not there. Origin and details are left
/// out and covered by the code, so that the log holds ids and hashes only.
/// </summary>
public static class AuditEntry
{
    private const string InstantFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Write(AuditEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        var bytes = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(bytes, Options);
        json.WriteStartObject();
        json.WriteString("action", e.Action.Word());
        json.WriteString("actor", e.Actor);
        WriteHash(json, "after", e.After);
        json.WriteString("at", e.At.ToString(InstantFormat, CultureInfo.InvariantCulture));
        WriteHash(json, "before", e.Before);
        json.WriteString("id", e.Id);
        if (e.Items is { } items)
        {
            json.WriteNumber("items", items);
        }

        WriteHash(json, "mac", e.Mac);
        if (e.RecordId is { } record)
        {
            json.WriteString("record", record);
        }

        json.WriteNumber("sequence", e.Sequence);
        json.WriteString("tenant", e.Tenant);
        if (e.RecordType is { } type)
        {
            json.WriteString("type", type);
        }

        json.WriteNumber("v", 1);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads an entry; null where it is none, or not in the form that <see cref="Write"/> gives it. Origin and details are not in it.</summary>
    public static AuditEvent? Read(byte[] entry)
    {
        try
        {
            using var document = JsonDocument.Parse(entry);
            var root = document.RootElement;
            var e = new AuditEvent
            {
                Sequence = root.GetProperty("sequence").GetInt64(),
                Id = root.GetProperty("id").GetGuid(),
                Tenant = root.GetProperty("tenant").GetString()!,
                At = DateTime.ParseExact(root.GetProperty("at").GetString()!, InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
                Actor = root.GetProperty("actor").GetString()!,
                Action = AuditActions.Parse(root.GetProperty("action").GetString()!),
                RecordType = root.TryGetProperty("type", out var type) ? type.GetString() : null,
                RecordId = root.TryGetProperty("record", out var record) ? record.GetGuid() : null,
                Items = root.TryGetProperty("items", out var items) ? items.GetInt64() : null,
                Before = ReadHash(root, "before"),
                After = ReadHash(root, "after"),
                Mac = ReadHash(root, "mac") ?? [],
            };
            return Write(e).AsSpan().SequenceEqual(entry) ? e : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static void WriteHash(Utf8JsonWriter json, string name, byte[]? hash)
    {
        if (hash is not null)
        {
            json.WriteString(name, Convert.ToHexStringLower(hash));
        }
    }

    private static byte[]? ReadHash(JsonElement root, string name) => root.TryGetProperty(name, out var hash) ? Convert.FromHexString(hash.GetString()!) : null;
}
