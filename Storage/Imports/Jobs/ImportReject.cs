using CloudStore.Storage.Records;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>A row that a job rejected. Written in the transaction of its batch. What it tells of the row's content is encrypted: a price that was mistyped is a price.</summary>
public sealed class ImportReject : Record
{
    public Guid JobId { get; set; }

    /// <summary>1-based line in the file.</summary>
    public long Line { get; set; }

    public string Column { get; set; } = "";

    public string Value { get; set; } = "";

    public string Reason { get; set; } = "";

    /// <summary>The row as the file has it.</summary>
    public string Raw { get; set; } = "";

    /// <summary>The token of value, reason and raw row; null in a row from before they were encrypted, until the keeper has moved it.</summary>
    public byte[]? Detail { get; set; }

    /// <summary>What the columns hold in a row from then; empty in all others.</summary>
    public string ClearValue { get; set; } = "";

    public string ClearReason { get; set; } = "";

    public string ClearRaw { get; set; } = "";
}
