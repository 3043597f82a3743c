using System.ComponentModel.DataAnnotations.Schema;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>
/// One file on its way into the records. The counters and the checkpoint change in the same transaction as the rows they count, so they are exact
/// whatever happens to the worker. Its JSON is kept as text: a column's name may hold an escape that jsonb refuses (U+0000).
/// </summary>
public sealed class ImportJob : Record
{
    public string Target { get; set; } = "";

    public ImportStatus Status { get; set; }

    /// <summary>The <see cref="ImportOptions"/>, JSON.</summary>
    public string Options { get; set; } = "{}";

    /// <summary>The file's name in the content store.</summary>
    public string Content { get; set; } = "";

    /// <summary>SHA-256 of the file as sent, lower-case hexadecimal.</summary>
    public string ContentHash { get; set; } = "";

    /// <summary>Bytes of the file as sent.</summary>
    public long BytesTotal { get; set; }

    public long BytesRead { get; set; }

    public long RowsRead { get; set; }

    /// <summary>Rows that are new records.</summary>
    public long RowsLoaded { get; set; }

    /// <summary>Rows that changed a record that was there.</summary>
    public long RowsUpdated { get; set; }

    /// <summary>Rows left out because their record was there.</summary>
    public long RowsSkipped { get; set; }

    public long RowsRejected { get; set; }

    /// <summary>Rows that were loaded and are to be looked at, e.g. sales above the maximum retail price.</summary>
    public long RowsFlagged { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? FinishedAt { get; set; }

    /// <summary>Why it failed: problem details, JSON.</summary>
    public string? Error { get; set; }

    /// <summary>What is odd about it although it succeeded: a file of nothing but a header is often an export that found nothing.</summary>
    [NotMapped]
    public string? Warning => this is { Status: ImportStatus.Succeeded, RowsRead: 0 } ? "The file has no rows; nothing was loaded." : null;

    /// <summary>The <see cref="ImportCheckpoint"/> behind the last committed row, JSON; null before the first.</summary>
    public string? Checkpoint { get; set; }

    /// <summary>A caller wants it stopped; its worker sees that soon.</summary>
    public bool CancelRequested { get; set; }

    /// <summary>Which run of which worker has it; null where none has.</summary>
    public Guid? Lease { get; set; }

    /// <summary>UTC; behind this instant another worker may take it.</summary>
    public DateTime? LeaseUntil { get; set; }

    /// <summary>Times it was taken up since its last committed batch.</summary>
    public int Attempts { get; set; }
}
