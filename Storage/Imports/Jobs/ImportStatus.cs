namespace CloudStore.Storage.Imports.Jobs;

/// <summary>The life of an import job.</summary>
public enum ImportStatus
{
    /// <summary>Waiting for a worker.</summary>
    Queued,

    /// <summary>A worker loads it.</summary>
    Running,

    /// <summary>Every row was loaded, skipped or rejected.</summary>
    Succeeded,

    /// <summary>It stopped early; rows committed before stay.</summary>
    Failed,

    /// <summary>A caller stopped it; rows committed before stay.</summary>
    Cancelled,
}
