using System.Data.Common;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// Records that were removed from the database: below a folder, one for each table and tenant, files of gzipped JSON Lines with the stored columns of each row
/// under their names. Encrypted columns stay encrypted (as base64), so that what is archived goes with its key as well.
/// </summary>
public sealed class Archive(IOptions<RetentionOptions> options, DataOptions data, TimeProvider time)
{
    // "cs-archi" in ASCII: any number will do that nobody else of this database locks.
    private const long LockId = 0x63732D6172636869;
    private const string Suffix = ".ndjson.gz";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly JsonWriterOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Folder => options.Value.ArchiveFolder ?? data.PathOf("archive");

    /// <summary>
    /// Writes rows of one tenant; they are on the disk when this returns. The file is named after the first and the last of them, so that the same rows, written again after a kill
    /// that came before they were removed, take the place of the first writing.
    /// </summary>
    /// <param name="table">Their table.</param>
    /// <param name="tenant">Their tenant.</param>
    /// <param name="rows">In the order of their ids; one JSON object each.</param>
    internal void Write(string table, string tenant, IReadOnlyList<(Guid Id, byte[] Row)> rows)
    {
        var path = Path.Combine(FolderOf(table, tenant), $"{rows[0].Id:n}-{rows[^1].Id:n}");
        // Never over a row that is not among these: it may be in no other place, where an older copy of the database was put back.
        if (File.Exists(path + Suffix) && rows.Select(r => r.Id).ToHashSet() is var ids && !Read(path + Suffix).All(r => ids.Contains(IdOf(r))))
        {
            path = $"{path}-{RecordId.Next(time):n}";
        }

        WriteFile(path + Suffix, [.. rows.Select(r => r.Row)]);
    }

    /// <summary>
    /// Keeps the archive, and the rows that go to it, to the caller alone until it is disposed of: beside SQLite by a locked file, on Postgres, whose processes may be on several machines,
    /// by a lock in the database that ends with the context's transaction.
    /// </summary>
    /// <param name="context">On Postgres in a transaction.</param>
    internal async Task<IDisposable?> LockAsync(StoreContext context, CancellationToken cancellationToken)
    {
        if (context.Dialect == StoreDialect.Postgres)
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockId})", cancellationToken);
            return null;
        }

        DurableFile.MakeFolder(Folder);
        var path = Path.Combine(Folder, "lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(Look, time, cancellationToken);
            }
        }
    }

    /// <summary>Removes a tenant's rows, or those of one person.</summary>
    /// <returns>How many there were.</returns>
    internal int Erase(RecordType type, string tenant, string? subject) =>
        Erase(type.Name, tenant, subject is null ? static _ => true : row => IsAbout(row, type.SubjectColumn!, subject));

    /// <summary>Removes a tenant's rows of which something is true.</summary>
    /// <returns>How many there were.</returns>
    internal int Erase(string table, string tenant, Predicate<byte[]> which)
    {
        var folder = FolderOf(table, tenant);
        if (!Directory.Exists(folder))
        {
            return 0;
        }

        int erased = 0;
        foreach (var file in Directory.GetFiles(folder, $"*{Suffix}"))
        {
            var rows = Read(file).ToList();
            var kept = rows.FindAll(r => !which(r));
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

    /// <summary>The id of an archived row. SQLite keeps ids as bytes, which stand in base64.</summary>
    internal static Guid IdOf(byte[] row)
    {
        using var json = JsonDocument.Parse(row);
        var id = json.RootElement.GetProperty("id");
        return id.TryGetGuid(out var guid) ? guid : new Guid(id.GetBytesFromBase64(), bigEndian: true);
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
