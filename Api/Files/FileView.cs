using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Api.Files;

/// <summary>A file as callers see it. Its key and where its content is are nobody's business.</summary>
public sealed record FileView
{
    public Guid Id { get; init; }

    public string? Name { get; init; }

    public required string Type { get; init; }

    public required string Owner { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public string? Region { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>Bytes it takes, compressed and encrypted.</summary>
    public long StoredSize { get; init; }

    public FileCodec Compression { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Of a recording, in seconds.</summary>
    public double? Duration { get; init; }

    /// <summary>Days.</summary>
    public int? Retention { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public long AccessCount { get; init; }

    public DateTime? LastAccessedAt { get; init; }

    public DateTime? VerifiedAt { get; init; }

    public string? Fault { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    public long Revision { get; init; }

    public static FileView Of(StoredFile file) => new()
    {
        Id = file.Id, Name = file.Name, Type = file.Type, Owner = file.Owner, Tags = file.TagList, Region = file.Region, Size = file.Size, StoredSize = file.StoredSize,
        Compression = file.Codec, Sha256 = file.Sha256, Duration = file.Duration, Retention = file.RetentionDays, ExpiresAt = file.ExpiresAt, AccessCount = file.AccessCount,
        LastAccessedAt = file.LastAccessedAt, VerifiedAt = file.VerifiedAt, Fault = file.Fault, CreatedAt = file.CreatedAt, UpdatedAt = file.UpdatedAt, Revision = file.Revision,
    };
}

/// <summary>What looking at the content found.</summary>
/// <param name="Ok">It is what was stored, to the last bit.</param>
/// <param name="Fault">What is wrong with it otherwise.</param>
public sealed record VerifyView(bool Ok, string? Fault);

/// <summary>What a user may do with a file.</summary>
public sealed record GrantView(string User, FileRight Right, DateTime? ExpiresAt, DateTime CreatedAt)
{
    public static GrantView Of(FileGrant grant) => new(grant.Grantee, grant.Right, grant.ExpiresAt, grant.CreatedAt);
}

/// <summary>A right to be given.</summary>
/// <param name="User">Who gets it.</param>
/// <param name="Right">read, write or owner.</param>
/// <param name="ExpiresAt">When it ends; null: when it is taken back.</param>
public sealed record GrantDraft(string User, FileRight Right, DateTime? ExpiresAt = null);

/// <summary>A link to be made.</summary>
/// <param name="Seconds">How long it is good: 1 second to 30 days.</param>
public sealed record LinkDraft(int Seconds = 3600);

/// <summary>A link that lets whoever has it read the file.</summary>
/// <param name="Url">Below the service's address.</param>
/// <param name="ExpiresAt">UTC.</param>
public sealed record LinkView(string Url, DateTime ExpiresAt);

/// <summary>What requests and answers look like in the OpenAPI document.</summary>
internal static class FileExamples
{
    public static readonly FileView File = new()
    {
        Id = new Guid("0190163d-8694-739b-aea5-966c26f8ad91"), Name = "0_george_0.wav", Type = "audio/wav", Owner = "george", Tags = ["digits"], Region = null, Size = 4812, StoredSize = 3361,
        Compression = FileCodec.Brotli, Sha256 = "8f21c38ec3c9a5da5c5e0ae44d2f3b0c1f39a1e7f6c0bb5c7e4d2f4c1f9a0b3e", Duration = 0.298, Retention = 365,
        ExpiresAt = new DateTime(2027, 1, 31, 9, 30, 0, DateTimeKind.Utc), AccessCount = 3, LastAccessedAt = new DateTime(2026, 2, 1, 8, 0, 0, DateTimeKind.Utc),
        CreatedAt = new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), UpdatedAt = new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), Revision = 1,
    };

    public static readonly Page<FileView> Page = new([File], null, null);

    public static readonly GrantView Grant = new("lucas", FileRight.Read, null, new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc));

    public static readonly LinkView Link = new("/shared/AZAWPYaUc5uupZZsJvitkQGQFj2GlHObrqWWbCb4rZEAAAAAaY7...", new DateTime(2026, 1, 31, 10, 30, 0, DateTimeKind.Utc));

    public static readonly FileStatistics Statistics = new(new FileUsage("all", 200, 1_034_200, 702_113, 812), [new FileUsage("audio/wav", 200, 1_034_200, 702_113, 812)],
        [new FileUsage("george", 40, 231_004, 160_730, 102)], 0, null);
}
