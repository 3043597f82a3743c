using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>
/// Writes a job's rejected rows as CSV: line, column, value, reason, and behind them the row's own columns under the file's header. Mended in place it can be loaded
/// again as it is; the four columns in front are then passed over.
/// </summary>
public sealed class RejectsWriter(StoreContext context)
{
    /// <summary>The columns in front of a rejected row's own.</summary>
    internal static readonly string[] OwnColumns = ["line", "column", "value", "reason"];

    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n;\t|");

    public async Task WriteAsync(ImportJob job, Stream output, CancellationToken cancellationToken = default)
    {
        var checkpoint = job.Checkpoint is null ? null : JsonSerializer.Deserialize(job.Checkpoint, ImportJson.Default.ImportCheckpoint);
        var columns = checkpoint?.Position.Columns ?? [];
        // A file of JSON comes back as a table; a column that carried these four from an earlier round is not repeated.
        string[] own = [.. columns.Count > 4 && columns.Take(4).SequenceEqual(OwnColumns) ? columns.Skip(4) : columns];
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        await WriteRowAsync(writer, [.. OwnColumns, .. own]);
        var after = Guid.Empty;
        while (true)
        {
            var rejects = await context.Set<ImportReject>().AsNoTracking().Where(r => r.JobId == job.Id && r.Id > after).OrderBy(r => r.Id).Take(1000).ToListAsync(cancellationToken);
            foreach (var reject in rejects)
            {
                var fields = await FieldsAsync(reject, checkpoint, columns, own, cancellationToken);
                await WriteRowAsync(writer, [reject.Line.ToString(CultureInfo.InvariantCulture), reject.Column, reject.Value, reject.Reason, .. fields]);
            }

            if (rejects.Count < 1000)
            {
                return;
            }

            after = rejects[^1].Id;
            await writer.FlushAsync(cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<string>> FieldsAsync(ImportReject reject, ImportCheckpoint? checkpoint, IReadOnlyList<string> columns, string[] own, CancellationToken cancellationToken)
    {
        if (reject.Raw.Length == 0 || own.Length == 0)
        {
            return [];
        }

        var raw = Encoding.UTF8.GetBytes(reject.Raw);
        return checkpoint?.Delimiter is { } delimiter ? await CsvFieldsAsync(raw, delimiter, columns, own, cancellationToken) : JsonFields(raw, own);
    }

    private static List<string> JsonFields(byte[] raw, string[] own)
    {
        try
        {
            using var row = JsonDocument.Parse(raw);
            if (row.RootElement.ValueKind != JsonValueKind.Object)
            {
                return [Encoding.UTF8.GetString(raw)];
            }

            return [.. own.Select(c => row.RootElement.TryGetProperty(c, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "")];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or an escape in it that is half a character, which no string can hold: it is shown as the file has it.
            return [Encoding.UTF8.GetString(raw)];
        }
    }

    // The row goes through the reader that refused it, so that quoting and delimiters are understood in one place only.
    // Fields behind the last column are kept; of a quote that is never closed nobody knows the end, so that row is parted at every delimiter.
    private static async Task<IReadOnlyList<string>> CsvFieldsAsync(byte[] raw, char delimiter, IReadOnlyList<string> columns, string[] own, CancellationToken cancellationToken)
    {
        var source = new CountingStream(new MemoryStream(raw));
        await using var reader = new CsvRowReader(new ByteWindow(source, raw.Length), source, (byte)delimiter, raw.Length, 0);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return [];
        }

        int passed = columns.Count - own.Length;
        if (reader.Fault is { Rule: "quote-not-closed" })
        {
            return [.. Encoding.UTF8.GetString(raw).Split(delimiter).Skip(passed)];
        }

        var fields = Enumerable.Range(passed, Math.Max(0, reader.FieldCount - passed)).Select(i => Encoding.UTF8.GetString(reader.Field(i))).ToList();
        while (fields.Count > own.Length && fields[^1].Length == 0)
        {
            fields.RemoveAt(fields.Count - 1);
        }

        return fields;
    }

    private static async Task WriteRowAsync(StreamWriter writer, IEnumerable<string> fields)
    {
        bool first = true;
        foreach (var field in fields)
        {
            if (!first)
            {
                await writer.WriteAsync(',');
            }

            first = false;
            await writer.WriteAsync(field.AsSpan().ContainsAny(NeedQuotes) || field.Length != field.Trim().Length ? $"\"{field.Replace("\"", "\"\"")}\"" : field);
        }

        await writer.WriteLineAsync();
    }
}
