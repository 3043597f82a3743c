using System.Text.Json.Serialization;

namespace CloudStore.Storage.Records;

/// <summary>
/// What every stored record carries. The engine sets all of it when a record is saved; what a caller sets is overwritten, except an
/// <see cref="Id"/> chosen beforehand.
/// </summary>
public abstract class Record
{
    /// <summary>UUID version 7 (RFC 9562): sorts by time of creation.</summary>
    [JsonPropertyOrder(-10)]
    public Guid Id { get; set; }

    /// <summary>Whose record it is. Queries see one tenant's records only.</summary>
    [JsonIgnore]
    public string Tenant { get; set; } = "";

    /// <summary>UTC.</summary>
    [JsonPropertyOrder(90)]
    public DateTime CreatedAt { get; set; }

    /// <summary>UTC.</summary>
    [JsonPropertyOrder(91)]
    public DateTime UpdatedAt { get; set; }

    /// <summary>1 for a new record, one more with each change. It is the concurrency token and the ETag.</summary>
    [JsonPropertyOrder(92)]
    public long Revision { get; set; }

    /// <summary>UTC; null while the record is alive. Deleted records are left out of queries until they are removed for good.</summary>
    [JsonIgnore]
    public DateTime? DeletedAt { get; set; }

    /// <summary>Who deleted it: the access key's id.</summary>
    [JsonIgnore]
    public string? DeletedBy { get; set; }

    [JsonIgnore]
    public string? DeleteReason { get; set; }
}
