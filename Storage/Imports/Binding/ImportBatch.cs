using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>Rows that are committed together, and the place in the file behind the last of them.</summary>
public abstract class ImportBatch
{
    /// <summary>Where reading goes on behind this batch; null for a stream.</summary>
    public required ReaderPosition? Position { get; init; }

    /// <summary>The line the last row of the batch starts on.</summary>
    public required long LastLine { get; init; }

    /// <summary>Bytes of the stored file taken so far.</summary>
    public required long SourceBytes { get; init; }

    /// <summary>The file's delimiter; null for JSON.</summary>
    public required char? Delimiter { get; init; }

    /// <summary>Rows read, good and rejected.</summary>
    public required int Rows { get; init; }

    /// <summary>Good rows that the target flags.</summary>
    public required int Flagged { get; init; }

    /// <summary>Rows that were refused before the database saw them; <see cref="WriteAsync"/> returns these and those it refused.</summary>
    public required IReadOnlyList<RejectedRow> Rejected { get; init; }

    /// <summary>Does what needs no database; called while the batch before is still being written to this context.</summary>
    public abstract void Prepare(StoreContext context);

    /// <summary>Writes the good rows in the context's transaction.</summary>
    /// <returns>The counts, and all rejected rows of the batch.</returns>
    public abstract Task<(BulkResult Result, IReadOnlyList<RejectedRow> Rejected)> WriteAsync(StoreContext context, CancellationToken cancellationToken);
}

internal sealed class ImportBatch<T>(List<T> rows, List<RowOrigin> origins, ConflictMode mode, IReadOnlySet<string> properties, Func<StoreContext, BulkWriter<T>> writer) : ImportBatch
    where T : Record
{
    private BulkBatch<T>? _sorted;

    public override void Prepare(StoreContext context) => _sorted = writer(context).Sort(rows, mode);

    public override async Task<(BulkResult Result, IReadOnlyList<RejectedRow> Rejected)> WriteAsync(StoreContext context, CancellationToken cancellationToken)
    {
        _sorted ??= writer(context).Sort(rows, mode);
        var result = await writer(context).WriteAsync(_sorted, mode, properties, cancellationToken);
        if (result.Rejected.Count == 0)
        {
            return (result, Rejected);
        }

        var refused = result.Rejected.Select(i => origins[i]).Select(o => new RejectedRow(o.Line, "", "", "A row with this key exists.", o.Raw));
        return (result, [.. Rejected.Concat(refused).OrderBy(r => r.Line)]);
    }
}

/// <summary>Where a good row came from; kept only where it can still be rejected.</summary>
internal readonly record struct RowOrigin(long Line, string Raw);
