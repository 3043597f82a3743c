using System.Text.Json.Serialization;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files;

/// <summary>
/// What is known of a file. Its content is in a backend, under a key of its own that is kept here, encrypted under the owner's data key together with the name: rotating keys re-encrypts
/// rows and leaves contents alone, and destroying the owner's keys destroys the files.
/// </summary>
public sealed class StoredFile : Record
{
    public const string Table = "stored_files";

    /// <summary>As its owner calls it. Encrypted.</summary>
    public string? Name { get; set; }

    /// <summary>The content's key, 32 bytes. Encrypted.</summary>
    public byte[]? ContentKey { get; set; }

    /// <summary>Name and key as they are stored.</summary>
    public byte[]? Secrets { get; set; }

    /// <summary>By which files are found by name.</summary>
    public byte[]? NameIndex { get; set; }

    /// <summary>The user or key whose file it is.</summary>
    public required string Owner { get; set; }

    /// <summary>Media type, of what the content looks like.</summary>
    public required string Type { get; set; }

    /// <summary>Each with a line break before and behind it, in order; null without any.</summary>
    [JsonIgnore]
    public string? Tags { get; set; }

    /// <summary>Where its content must be; null where that does not matter.</summary>
    public string? Region { get; set; }

    /// <summary>Where its content is: a name of the setting <c>Files:Backends</c>.</summary>
    [JsonIgnore]
    public required string Backend { get; set; }

    /// <summary>The content's name there.</summary>
    [JsonIgnore]
    public required string Content { get; set; }

    /// <summary>Counts the file's contents; part of what the content is encrypted with.</summary>
    public int ContentVersion { get; set; } = 1;

    public FileCodec Codec { get; set; }

    /// <summary>Bytes of the content.</summary>
    public long Size { get; set; }

    /// <summary>Bytes it takes in its backend.</summary>
    public long StoredSize { get; set; }

    /// <summary>SHA-256 of the content, lower-case hexadecimal.</summary>
    public required string Sha256 { get; set; }

    /// <summary>Of a recording, in seconds.</summary>
    public double? Duration { get; set; }

    /// <summary>Days it is kept, as its owner wanted.</summary>
    public int? RetentionDays { get; set; }

    /// <summary>UTC; when it is removed.</summary>
    public DateTime? ExpiresAt { get; set; }

    public long AccessCount { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? LastAccessedAt { get; set; }

    /// <summary>UTC; when the content was last read whole and found right, or found to be unreadable for good because its key was destroyed.</summary>
    public DateTime? VerifiedAt { get; set; }

    /// <summary>What was wrong with the content when it was last looked at.</summary>
    public string? Fault { get; set; }

    [JsonPropertyName("tags")]
    public IReadOnlyList<string> TagList => Tags?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>One of its own, to be changed.</summary>
    internal StoredFile Copy() => (StoredFile)MemberwiseClone();

    internal static string? Join(IEnumerable<string>? tags) => tags is null || !tags.Any() ? null : $"\n{string.Join("\n\n", tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}\n";

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<StoredFile>(e =>
            {
                e.ToTable(Table);
                e.HasKeySubject(f => f.Owner);
                e.Encrypts("secrets", f => f.Name, f => f.ContentKey);
                e.HasBlindIndex(f => f.NameIndex, f => f.Name);
                e.Ignore(f => f.TagList);
                e.Property(f => f.Codec).HasConversion<string>();
                e.HasIndex(f => new { f.Tenant, f.Owner });
                e.HasIndex(f => new { f.Tenant, f.Id });
                e.HasIndex(f => f.Content).IsUnique();
                e.HasIndex(f => f.ExpiresAt);
            });
    }
}
