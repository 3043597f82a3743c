using System.Text.Json.Serialization;
using CloudStore.Storage.Operations.Persons;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Api.Voice;

/// <summary>Whose data is to be given out, or erased.</summary>
/// <param name="Username">As the user, and the owner of files, is called.</param>
public sealed record PersonDraft(string? Username);

/// <summary>A job about one user.</summary>
public abstract record PersonJobView
{
    [JsonPropertyOrder(-1)]
    public Guid Id { get; init; }

    public PersonJobStatus Status { get; init; }

    /// <summary>Whose; null when the job has come to its end, which outlives the user.</summary>
    public string? Username { get; init; }

    public required string RequestedBy { get; init; }

    /// <summary>Rows there are; 0 before they are counted.</summary>
    public long RowsTotal { get; init; }

    public long RowsDone { get; init; }

    public long FilesDone { get; init; }

    public long BytesDone { get; init; }

    /// <summary>Times a worker has taken it up.</summary>
    public int Attempts { get; init; }

    /// <summary>Why it failed.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Problem { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime? FinishedAt { get; init; }
}

/// <summary>An export of one user.</summary>
public sealed record UserExportView : PersonJobView
{
    public long FilesTotal { get; init; }

    public long BytesTotal { get; init; }

    /// <summary>The stored file that it gave: a zip of the user's own, which expires.</summary>
    public Guid? FileId { get; init; }

    public static UserExportView Of(PersonJob job) => new()
    {
        Id = job.Id, Status = job.Status, Username = job.Person, RequestedBy = job.RequestedBy, RowsTotal = job.RowsTotal, RowsDone = job.RowsDone, FilesTotal = job.FilesTotal, FilesDone = job.FilesDone,
        BytesTotal = job.BytesTotal, BytesDone = job.BytesDone, FileId = job.FileId, Attempts = job.Attempts, Problem = job.Error, CreatedAt = job.CreatedAt, StartedAt = job.StartedAt, FinishedAt = job.FinishedAt,
    };
}

/// <summary>An erasure of one user.</summary>
public sealed record UserErasureView : PersonJobView
{
    /// <summary>The salt under which the certificate names the user, hexadecimal: keep it to show later whom it is about. It is told while the job goes on, and kept nowhere.</summary>
    public string? PersonSalt { get; init; }

    /// <summary>What has been removed so far.</summary>
    public ErasureCounts? Removed { get; init; }

    /// <summary>Whether the certificate can be fetched.</summary>
    public bool HasCertificate { get; init; }

    public static UserErasureView Of(PersonJob job) => new()
    {
        Id = job.Id, Status = job.Status, Username = job.Person, RequestedBy = job.RequestedBy, RowsTotal = job.RowsTotal, RowsDone = job.RowsDone, FilesDone = job.FilesDone, BytesDone = job.BytesDone,
        PersonSalt = job.Salt is { } salt ? Convert.ToHexStringLower(salt) : null, Removed = ErasureCounts.Of(job.Progress), HasCertificate = job.Certificate is not null,
        Attempts = job.Attempts, Problem = job.Error, CreatedAt = job.CreatedAt, StartedAt = job.StartedAt, FinishedAt = job.FinishedAt,
    };
}

/// <summary>What an erasure has removed.</summary>
/// <param name="Rows">By table.</param>
/// <param name="Archived">Archived rows.</param>
/// <param name="Spooled">Writes that waited for the database.</param>
/// <param name="Contents">Contents of files and of parts of uploads.</param>
public sealed record ErasureCounts(IReadOnlyDictionary<string, long> Rows, long Archived, long Spooled, long Contents)
{
    internal static ErasureCounts? Of(ErasureProgress? progress) => progress is null ? null : new(progress.Rows, progress.Archived, progress.Spooled, progress.Contents);
}
