using CloudStore.Storage.Records;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>A row that a job rejected. Written in the transaction of its batch.</summary>
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
}
