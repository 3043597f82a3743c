using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Files;

/// <summary>Settings of the section <c>Files</c>.</summary>
public sealed class FilesOptions
{
    public const string Section = "Files";

    /// <summary>The backend that is there where none is set.</summary>
    public const string Default = "default";

    /// <summary>Where contents can be, by name. Without any: <c>default</c>, in Azure Blob Storage where the connection string <c>files</c> is set, else the folder <c>files</c> below the data root.</summary>
    public Dictionary<string, FileBackendOptions> Backends { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The backend of files without a region; the first by name where null.</summary>
    public string? DefaultBackend { get; set; }

    /// <summary>Region to the backend that is in it, e.g. <c>Files:Regions:IN = mumbai</c>.</summary>
    public Dictionary<string, string> Regions { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What holds for one tenant, by its name.</summary>
    public Dictionary<string, TenantFilesOptions> Tenants { get; } = new(StringComparer.Ordinal);

    /// <summary>Longest file, bytes.</summary>
    [Range(1, long.MaxValue)]
    public long MaxBytes { get; set; } = 64L << 30;

    /// <summary>Bytes that all files of a tenant may have; null: no limit.</summary>
    [Range(1, long.MaxValue)]
    public long? TenantQuotaBytes { get; set; }

    /// <summary>Bytes that all files of an owner may have; null: no limit.</summary>
    [Range(1, long.MaxValue)]
    public long? OwnerQuotaBytes { get; set; }

    /// <summary>Days after which a deleted file's content is removed.</summary>
    [Range(0, 36_500)]
    public int GraceDays { get; set; } = 30;

    /// <summary>Hours after which content that no file names is removed: longer than an upload takes.</summary>
    [Range(1, 8760)]
    public int OrphanHours { get; set; } = 24;

    /// <summary>Hours that an upload waits for its next part.</summary>
    [Range(1, 8760)]
    public int UploadHours { get; set; } = 24;

    /// <summary>Bytes of an upload after which what has arrived is kept, so that a killed process loses no more.</summary>
    [Range(1 << 16, 1L << 34)]
    public long SegmentBytes { get; set; } = 64 << 20;

    /// <summary>Days within which each content is read again and checked; null: never.</summary>
    [Range(1, 3650)]
    public int? ScrubDays { get; set; } = 30;
}

/// <summary>What holds for the files of one tenant.</summary>
public sealed class TenantFilesOptions
{
    /// <summary>The region that all its files belong to, e.g. <c>Files:Tenants:acme:Region = IN</c>; null: each says by itself.</summary>
    public string? Region { get; set; }
}

/// <summary>A place for contents.</summary>
public sealed class FileBackendOptions
{
    /// <summary>disk or blob.</summary>
    public string Kind { get; set; } = "disk";

    /// <summary>Of a disk: the folder; the backend's name below <c>files</c> in the data root where null.</summary>
    public string? Folder { get; set; }

    /// <summary>Of a disk: permissions of folders on Unix, octal.</summary>
    [RegularExpression("^[0-7]{3,4}$")]
    public string FolderMode { get; set; } = "700";

    /// <summary>Of a disk: permissions of files on Unix, octal.</summary>
    [RegularExpression("^[0-7]{3,4}$")]
    public string FileMode { get; set; } = "600";

    /// <summary>Of Azure Blob Storage: a connection string; the one named <c>files</c> where null.</summary>
    public string? Connection { get; set; }

    /// <summary>Of Azure Blob Storage.</summary>
    [RegularExpression("^[a-z0-9](-?[a-z0-9]){2,62}$")]
    public string Container { get; set; } = "files";
}
