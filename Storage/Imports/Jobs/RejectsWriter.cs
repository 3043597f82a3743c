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
            return [.. own.Select(c => row.RootElement.TryGetProperty(c, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "")];
        }
        catch (JsonException)
        {
            return [Encoding.UTF8.GetString(raw)];
        }
    }

    // The row goes through the reader that refused it, behind a header of its own, so that quoting and delimiters are understood in one place only.
    private static async Task<IReadOnlyList<string>> CsvFieldsAsync(byte[] raw, char delimiter, IReadOnlyList<string> columns, string[] own, CancellationToken cancellationToken)
    {
        var header = Encoding.UTF8.GetBytes(string.Join(delimiter, columns.Select((_, i) => $"c{i}")) + "\n");
        var options = new ReadOptions { Format = FileFormat.Csv, Delimiter = delimiter, MaxRowBytes = Math.Max(1 << 20, raw.Length + 2) };
        await using var reader = await RowReaders.OpenAsync(_ => ValueTask.FromResult<Stream>(new MemoryStream([.. header, .. raw])), header.Length + raw.Length, options, null, cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return [];
        }

        return [.. Enumerable.Range(columns.Count - own.Length, Math.Max(0, reader.FieldCount - (columns.Count - own.Length))).Select(i => Encoding.UTF8.GetString(reader.Field(i)))];
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
