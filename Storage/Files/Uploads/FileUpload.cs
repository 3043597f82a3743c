using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>
/// An upload that arrives in parts. What has arrived is kept as staged content, segment by segment; when all of it is there it becomes the file of the upload's own id.
/// </summary>
public sealed class FileUpload : Record
{
    public required string Owner { get; set; }

    /// <summary>The client's <c>Upload-Metadata</c>, as it was sent. Encrypted: there are names in it.</summary>
    public string? Metadata { get; set; }

    public byte[]? Secrets { get; set; }

    /// <summary>Bytes that there will be; null while the client has not said.</summary>
    public long? Length { get; set; }

    /// <summary>Bytes that are there.</summary>
    public long Offset { get; set; }

    /// <summary>A part of what is put together later; it becomes no file of its own.</summary>
    public bool IsPartial { get; set; }

    /// <summary>Of an upload that is put together of others: their ids, with spaces between them.</summary>
    public string? Parts { get; set; }

    /// <summary>Whose segments it is made of.</summary>
    public IReadOnlyList<Guid> PartIds => Parts is null ? [Id] : [.. Parts.Split(' ').Select(Guid.Parse)];

    /// <summary>It has become a file.</summary>
    public bool IsDone { get; set; }

    /// <summary>UTC.</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>UTC; until when somebody makes a file of it, unless this is prolonged. Null: nobody does.</summary>
    public DateTime? FinishingUntil { get; set; }

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect)
        {
            model.Entity<FileUpload>(e =>
            {
                e.ToTable("file_uploads");
                e.HasKeySubject(u => u.Owner);
                e.Encrypts("secrets", u => u.Metadata);
                e.Ignore(u => u.PartIds);
                e.NotAudited("What becomes of it is a file, whose making is audited.");
                e.HasIndex(u => u.ExpiresAt);
            });
            model.Entity<UploadSegment>(e =>
            {
                e.ToTable("file_upload_segments");
                e.NotAudited("They are part of their upload.");
                e.HasKeySubject(s => s.Owner);
                e.HasIndex(s => new { s.UploadId, s.Start }).IsUnique();
                e.HasIndex(s => s.Content);
            });
        }
    }
}

/// <summary>A part of an upload as it was staged.</summary>
public sealed class UploadSegment : Record
{
    public Guid UploadId { get; set; }

    public required string Owner { get; set; }

    /// <summary>Where in the upload it begins.</summary>
    public long Start { get; set; }

    public long Bytes { get; set; }

    /// <summary>Its name where it is staged.</summary>
    public required string Content { get; set; }

    /// <summary>Of an upload with a region: the region's backend, where it is staged; null: with what else is staged.</summary>
    public string? Backend { get; set; }
}
