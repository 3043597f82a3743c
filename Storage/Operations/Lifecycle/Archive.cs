using System.Data.Common;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// Records that were removed from the database: below a folder, one for each table and tenant, files of gzipped JSON Lines with the stored columns of each row
/// under their names. Encrypted columns stay encrypted (as base64), so that what is archived goes with its key as well.
/// </summary>
public sealed class Archive(IOptions<RetentionOptions> options, DataOptions data, TimeProvider time)
{
    private const string Suffix = ".ndjson.gz";
    private static readonly JsonWriterOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Folder => options.Value.ArchiveFolder ?? data.PathOf("archive");

    /// <summary>Writes rows of one tenant; they are on the disk when this returns.</summary>
    /// <param name="table">Their table.</param>
    /// <param name="tenant">Their tenant.</param>
    /// <param name="rows">One JSON object each.</param>
    internal void Write(string table, string tenant, IReadOnlyList<byte[]> rows)
    {
        var folder = FolderOf(table, tenant);
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        WriteFile(Path.Combine(folder, $"{stamp}-{RecordId.Next(time):n}{Suffix}"), rows);
    }

    /// <summary>Removes a tenant's rows, or those of one person.</summary>
    /// <returns>How many there were.</returns>
    internal int Erase(RecordType type, string tenant, string? subject)
    {
        var folder = FolderOf(type.Name, tenant);
        if (!Directory.Exists(folder))
        {
            return 0;
        }

        int erased = 0;
        foreach (var file in Directory.GetFiles(folder, $"*{Suffix}"))
        {
            var rows = Read(file).ToList();
            var kept = subject is null ? [] : rows.Where(r => !IsAbout(r, type.SubjectColumn!, subject)).ToList();
            if (kept.Count == rows.Count)
            {
                continue;
            }

            erased += rows.Count - kept.Count;
            if (kept.Count > 0)
            {
                WriteFile(file, kept);
            }
            else
            {
                File.Delete(file);
            }
        }

        return erased;
    }

    /// <summary>The stored columns of the current row as a JSON object.</summary>
    internal static byte[] Row(DbDataReader row)
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

    private static IEnumerable<byte[]> Read(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return System.Text.Encoding.UTF8.GetBytes(line);
        }
    }

    private static void WriteFile(string path, IReadOnlyList<byte[]> rows)
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

    private static bool IsAbout(byte[] row, string column, string subject)
    {
        using var json = JsonDocument.Parse(row);
        return json.RootElement.TryGetProperty(column, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(subject);
    }

    // A tenant's name has only letters, digits and hyphens where the API made it; escaping keeps any other inside the folder.
    private string FolderOf(string table, string tenant) => Path.Combine(Folder, table, tenant.Trim('.').Length == 0 ? $"%{tenant}" : Uri.EscapeDataString(tenant));
}
