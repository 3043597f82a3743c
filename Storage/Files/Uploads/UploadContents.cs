using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Protection.Keys;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>Where the parts of uploads are staged: those of a file with a region in that region's backend and nowhere else, all others with what else is staged.</summary>
public sealed class UploadContents(StagedContents staged, FileBackends backends, KeyRing ring)
{
    /// <summary>The region of what an upload becomes, or becomes part of: its tenant's, or what its metadata says; null: none.</summary>
    /// <exception cref="ProblemException">Of kind invalid: the tenant's files belong to another.</exception>
    public string? RegionOf(FileUpload upload) => backends.RegionOf(upload.Tenant, UploadMetadata.Read(upload.Metadata).Region);

    /// <summary>Where an upload's next part belongs.</summary>
    /// <exception cref="ProblemException">Of kind invalid: no backend is in the region.</exception>
    public UploadPlace PlaceOf(FileUpload upload)
    {
        var backend = RegionOf(upload) is { } region ? backends.For(region) : null;
        return new UploadPlace(backend, In(backend));
    }

    /// <summary>Where a part was staged.</summary>
    /// <param name="backend">As its segment names it.</param>
    /// <exception cref="ProblemException">Of kind unreadable: the settings do not name it any more.</exception>
    public StagedContents In(string? backend) => backend is null ? staged
        : backends.All.TryGetValue(backend, out var store) ? new StagedContents(store, ring)
        : throw new ProblemException(ProblemKind.Unreadable, $"A part of the upload is in the backend '{backend}', which the settings do not name.");
}

/// <summary>A place for an upload's parts.</summary>
/// <param name="Backend">Null: with what else is staged.</param>
public sealed record UploadPlace(string? Backend, StagedContents Contents);
