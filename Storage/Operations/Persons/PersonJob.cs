using System.ComponentModel.DataAnnotations.Schema;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>What is done with all there is of a person.</summary>
public enum PersonJobKind
{
    /// <summary>It is given out, as a file.</summary>
    Export,

    /// <summary>It is removed for good.</summary>
    Erasure,
}

/// <summary>Where a job stands.</summary>
public enum PersonJobStatus
{
    Queued,
    Running,
    Succeeded,
    Failed,
}

/// <summary>
/// An export or an erasure of all there is of one person. Who that is stands in it encrypted, under the tenant's key, and only until it has come to its end: a job outlives the person. A worker
/// holds it by a lease; when the worker dies, another goes on.
/// </summary>
public sealed class PersonJob : Record
{
    public const string Table = "person_jobs";

    public PersonJobKind Kind { get; set; }

    public PersonJobStatus Status { get; set; }

    /// <summary>Null when it has come to its end.</summary>
    public string? Person { get; set; }

    /// <summary>What the person is known by besides: a JSON array of texts.</summary>
    public string? OtherNames { get; set; }

    /// <summary>32 random bytes, under which a certificate names the person; null when the job has come to its end.</summary>
    public byte[]? Salt { get; set; }

    /// <summary>The three as they are stored.</summary>
    public byte[]? Names { get; set; }

    /// <summary>By which a job of the same person is found while it goes on.</summary>
    public byte[]? PersonIndex { get; set; }

    /// <summary>Who wants it: an access key's id.</summary>
    public required string RequestedBy { get; set; }

    public long RowsTotal { get; set; }

    public long RowsDone { get; set; }

    public long FilesTotal { get; set; }

    public long FilesDone { get; set; }

    /// <summary>Of files.</summary>
    public long BytesTotal { get; set; }

    /// <inheritdoc cref="BytesTotal"/>
    public long BytesDone { get; set; }

    /// <summary>What an erasure has removed: <see cref="ErasureProgress"/>, JSON.</summary>
    public string? Removed { get; set; }

    /// <summary>The stored file that an export gave.</summary>
    public Guid? FileId { get; set; }

    /// <summary>What an erasure gave: a signed note.</summary>
    public string? Certificate { get; set; }

    /// <summary>Why it failed: problem details, JSON.</summary>
    public string? Error { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? FinishedAt { get; set; }

    /// <summary>Which run of which worker has it; null where none has.</summary>
    public Guid? Lease { get; set; }

    /// <summary>UTC; behind this instant another worker may take it.</summary>
    public DateTime? LeaseUntil { get; set; }

    /// <summary>Times it was taken up.</summary>
    public int Attempts { get; set; }

    /// <summary>What an erasure has removed so far; null before it began.</summary>
    [NotMapped]
    public ErasureProgress? Progress => Removed is null ? null : ErasureProgress.Read(Removed);

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<PersonJob>(e =>
            {
                e.ToTable(Table);
                e.Encrypts("names", j => j.Person, j => j.OtherNames, j => j.Salt);
                e.HasBlindIndex(j => j.PersonIndex, j => j.Person);
                e.Property(j => j.Kind).HasConversion<string>();
                e.Property(j => j.Status).HasConversion<string>();
                e.HasIndex(j => new { j.Status, j.LeaseUntil });
                e.HasIndex(j => new { j.Tenant, j.Kind, j.Id });
            });
    }
}
