using System.Text.Json.Serialization;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>What was done.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditAction>))]
public enum AuditAction
{
    /// <summary>A record was added, or a batch of records of which all are new.</summary>
    [JsonStringEnumMemberName("create")]
    Create,

    /// <summary>Protected data was read.</summary>
    [JsonStringEnumMemberName("read")]
    Read,

    /// <summary>A record was changed, or a batch of records of which all were there.</summary>
    [JsonStringEnumMemberName("update")]
    Update,

    /// <summary>A batch added some records and changed others.</summary>
    [JsonStringEnumMemberName("upsert")]
    Upsert,

    /// <summary>A record was deleted softly.</summary>
    [JsonStringEnumMemberName("delete")]
    Delete,

    /// <summary>A deleted record was brought back.</summary>
    [JsonStringEnumMemberName("restore")]
    Restore,

    /// <summary>An import came to its end.</summary>
    [JsonStringEnumMemberName("import")]
    Import,

    /// <summary>Records were given out as a file.</summary>
    [JsonStringEnumMemberName("export")]
    Export,

    /// <summary>A key was made, changed, revoked or destroyed.</summary>
    [JsonStringEnumMemberName("key")]
    Key,

    /// <summary>Requests were refused (401, 403).</summary>
    [JsonStringEnumMemberName("denied")]
    Denied,

    /// <summary>Old events were moved to the archive.</summary>
    [JsonStringEnumMemberName("archive")]
    Archive,
}
