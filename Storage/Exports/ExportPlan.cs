using System.Text.Json.Nodes;
using CloudStore.Storage.Exports.Writing;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Direct;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Exports;

/// <summary>Options, checked against their source.</summary>
public abstract class ExportPlan(ExportSource source, ExportOptions options, IReadOnlyList<string> columns, IReadOnlyList<string> encrypted)
{
    public ExportSource Source { get; } = source;

    public ExportOptions Options { get; } = options;

    public IReadOnlyList<string> Columns { get; } = columns;

    public IReadOnlyList<string> Encrypted { get; } = encrypted;

    /// <summary>How the file is called, without a folder, e.g. <c>campaigns.csv.gz</c>.</summary>
    public string FileName => $"{Source.Name}.{(Options.Format == FileFormat.Csv ? "csv" : "jsonl")}{(Options.Gzip ? ".gz" : "")}";

    public string ContentType => Options.Gzip ? "application/gzip" : Options.Format == FileFormat.Csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson; charset=utf-8";

    /// <summary>The table it reads.</summary>
    internal abstract string Table(StoreContext context);

    /// <summary>How many rows there are at this moment.</summary>
    internal abstract Task<long> CountAsync(StoreContext context, CancellationToken cancellationToken);

    /// <summary>Writes all rows, in the order of their ids, as they are at the moment it starts.</summary>
    /// <param name="context">Where they are.</param>
    /// <param name="cipher">Null where nothing is encrypted.</param>
    /// <param name="to">Where to.</param>
    /// <param name="writes">Told how many rows are written next, before they leave: no row leaves uncounted.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    internal abstract Task WriteAsync(StoreContext context, MultiFernet? cipher, Stream to, Action<int> writes, CancellationToken cancellationToken);

    /// <summary>What the audit says about it: nothing that belongs to a person.</summary>
    internal JsonObject Describe()
    {
        var filters = new JsonObject();
        foreach (var filter in Source.Filters)
        {
            if (Options.Filters.TryGetValue(filter.Name, out var values))
            {
                filters[filter.Name] = filter.IsPersonal ? "(given)" : values.ToString();
            }
        }

        return new JsonObject
        {
            ["source"] = Source.Name,
            ["format"] = FileName[(Source.Name.Length + 1)..],
            ["columns"] = string.Join(',', Columns),
            ["encrypted"] = string.Join(',', Encrypted),
            ["filters"] = filters,
        };
    }
}

/// <summary>The plan of a source of one record type.</summary>
internal sealed class ExportPlan<T>(
    ExportSource source, ExportOptions options, IReadOnlyList<ExportColumn<T>> columns, IReadOnlyList<string> encrypted, Func<IQueryable<T>, IQueryable<T>> filter)
    : ExportPlan(source, options, [.. columns.Select(c => c.Name)], encrypted)
    where T : Record, new()
{
    private const int BatchRows = 500;
    private const int WriteBytes = 1 << 16;

    internal override string Table(StoreContext context) => context.Model.FindEntityType(typeof(T))!.GetTableName()!;

    internal override Task<long> CountAsync(StoreContext context, CancellationToken cancellationToken) => Query(context).LongCountAsync(cancellationToken);

    internal override async Task WriteAsync(StoreContext context, MultiFernet? cipher, Stream to, Action<int> writes, CancellationToken cancellationToken)
    {
        var encryption = Encrypted.Count == 0 ? null : new FernetColumns(cipher!, Columns, Encrypted);
        using var json = Options.Format == FileFormat.JsonLines ? new JsonLinesWriter<T>(columns, encryption) : null;
        RowWriter<T> writer = json ?? (RowWriter<T>)new CsvWriter<T>(columns, encryption, Options.FormulaPrefix);
        var buffer = new Utf8Buffer();
        int rows = 0;
        writer.WriteHead(buffer);
        await foreach (var batch in context.StreamAsync(Query(context).OrderBy(r => r.Id), BatchRows, NeedsOpening(context), cancellationToken))
        {
            foreach (var row in batch)
            {
                writer.Write(row, buffer);
                rows++;
                if (buffer.Length >= WriteBytes)
                {
                    await SendAsync();
                }
            }
        }

        await SendAsync();

        ValueTask SendAsync()
        {
            writes(rows);
            rows = 0;
            var bytes = buffer.Written;
            buffer.Clear();
            return to.WriteAsync(bytes, cancellationToken);
        }
    }

    private IQueryable<T> Query(StoreContext context) => filter(context.Set<T>().AsNoTracking());

    // Encrypted fields that are not asked for stay encrypted: nobody reads them, and a destroyed key is in nobody's way.
    private bool NeedsOpening(StoreContext context) => ProtectedPlan.For(context, typeof(T)) is { } plan && columns.Any(c => plan.Names.Contains(c.Property));
}
