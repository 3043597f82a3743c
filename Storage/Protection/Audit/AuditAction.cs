namespace CloudStore.Storage.Protection.Audit;

/// <summary>What was done.</summary>
public enum AuditAction
{
    /// <summary>A record was added, or a batch of records of which all are new.</summary>
    Create,

    /// <summary>Protected data was read.</summary>
    Read,

    /// <summary>A record was changed, or a batch of records of which all were there.</summary>
    Update,

    /// <summary>A batch added some records and changed others.</summary>
    Upsert,

    /// <summary>A record was deleted softly.</summary>
    Delete,

    /// <summary>A deleted record was brought back.</summary>
    Restore,

    /// <summary>An import came to its end.</summary>
    Import,

    /// <summary>Records were given out as a file.</summary>
    Export,

    /// <summary>A key was made, changed, revoked or destroyed.</summary>
    Key,

    /// <summary>Requests were refused (401, 403).</summary>
    Denied,

    /// <summary>Records were removed for good because their time was over.</summary>
    Purge,

    /// <summary>All there was of a person or a tenant was removed for good.</summary>
    Erase,

    /// <summary>Old events were moved to the archive.</summary>
    Archive,
}
