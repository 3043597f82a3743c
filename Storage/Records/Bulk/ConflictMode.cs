namespace CloudStore.Storage.Records.Bulk;

/// <summary>What a bulk write does with a row whose natural key is there already, in the table or earlier in the same batch.</summary>
public enum ConflictMode
{
    /// <summary>The new row's values replace the stored ones; within a batch the last row wins.</summary>
    Update,

    /// <summary>The stored row stays; within a batch the first row wins.</summary>
    Skip,

    /// <summary>As Skip, but the row is reported as rejected.</summary>
    Reject,
}
