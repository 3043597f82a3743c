using Azure.Storage.Blobs;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files.Contents;

/// <summary>The places for contents as the settings name them, and which of them a region's files belong to.</summary>
public sealed class FileBackends
{
    private readonly FilesOptions _options;
    private readonly Dictionary<string, IContentStore> _stores = new(StringComparer.OrdinalIgnoreCase);

    public FileBackends(IOptions<FilesOptions> options, DataOptions data, IConfiguration configuration, IServiceProvider services)
    {
        _options = options.Value;
        bool blobs = !string.IsNullOrEmpty(configuration.GetConnectionString(Imports.ImportsSetup.ContentConnection));
        var backends = _options.Backends.Count > 0 ? _options.Backends : new Dictionary<string, FileBackendOptions> { [FilesOptions.Default] = new() { Kind = blobs ? "blob" : "disk" } };
        foreach (var (name, backend) in backends)
        {
            _stores.Add(name, backend.Kind == "blob"
                ? new BlobContentStore(backend.Connection is { } connection ? new BlobServiceClient(connection) : services.GetRequiredService<BlobServiceClient>(), backend.Container)
                : new DiskContentStore(backend.Folder ?? data.PathOf("files", name), Mode(backend.FolderMode), Mode(backend.FileMode)));
        }
    }

    public IReadOnlyDictionary<string, IContentStore> All => _stores;

    /// <summary>The region that all files of a tenant belong to; null where each says by itself.</summary>
    public string? PinOf(string tenant) => _options.Tenants.GetValueOrDefault(tenant)?.Region;

    /// <summary>The region of a new file: its tenant's where that has one, which no file can leave.</summary>
    /// <exception cref="ProblemException">Of kind invalid: it is to be in another.</exception>
    public string? RegionOf(string tenant, string? wanted)
    {
        var pin = PinOf(tenant);
        return pin is null || wanted is null || wanted.Equals(pin, StringComparison.OrdinalIgnoreCase) ? pin ?? wanted : throw ProblemException.ForField(ProblemKind.Invalid, "region", "pinned-region",
            $"The tenant's files belong to the region {pin} (Files:Tenants) and can be in no other; region is '{wanted}'.");
    }

    /// <summary>Where a new file of a region belongs.</summary>
    /// <exception cref="ProblemException">Of kind invalid: no backend is in that region.</exception>
    public string For(string? region)
    {
        if (region is null)
        {
            return _options.DefaultBackend ?? _stores.Keys.Order(StringComparer.OrdinalIgnoreCase).First();
        }

        return _options.Regions.TryGetValue(region, out var backend) ? backend : throw ProblemException.ForField(ProblemKind.Invalid, "region", "known-region",
            _options.Regions.Count == 0 ? $"There is no backend in the region '{region}'; the setting Files:Regions names none." : $"There is no backend in the region '{region}'; there are {string.Join(", ", _options.Regions.Keys)}.");
    }

    /// <summary>A file's backend, as long as it is one of the file's region.</summary>
    /// <exception cref="ProblemException">Of kind unreadable: the backend is not there any more, or is in another region.</exception>
    public IContentStore Of(StoredFile file)
    {
        if (file.Region is { } region && (!_options.Regions.TryGetValue(region, out var own) || !own.Equals(file.Backend, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ProblemException(ProblemKind.Unreadable, $"The file {file.Id} belongs to the region {region}, and its backend '{file.Backend}' is not that region's.");
        }

        return _stores.TryGetValue(file.Backend, out var store) ? store : throw new ProblemException(ProblemKind.Unreadable, $"The file {file.Id} is in the backend '{file.Backend}', which the settings do not name.");
    }

    /// <summary>What is wrong with the settings.</summary>
    internal static IEnumerable<string> Faults(FilesOptions options, bool hasConnection)
    {
        foreach (var (name, backend) in options.Backends)
        {
            if (backend.Kind is not ("disk" or "blob"))
            {
                yield return $"Files:Backends:{name}:Kind must be disk or blob; it is '{backend.Kind}'.";
            }

            if (backend.Kind == "blob" && backend.Connection is null && !hasConnection)
            {
                yield return $"Files:Backends:{name}:Connection must be set, or the connection string '{Imports.ImportsSetup.ContentConnection}'.";
            }

            if (!IsMode(backend.FolderMode) || !IsMode(backend.FileMode))
            {
                yield return $"Files:Backends:{name}:FolderMode and FileMode must be octal, such as 750.";
            }
        }

        var names = options.Backends.Count > 0 ? options.Backends.Keys.ToList() : [FilesOptions.Default];
        if (options.DefaultBackend is { } standard && !names.Contains(standard, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"Files:DefaultBackend names '{standard}'; there are {string.Join(", ", names)}.";
        }

        foreach (var fault in PinFaults(options))
        {
            yield return fault;
        }

        foreach (var (region, backend) in options.Regions.Where(r => !names.Contains(r.Value, StringComparer.OrdinalIgnoreCase)))
        {
            yield return $"Files:Regions:{region} names the backend '{backend}'; there are {string.Join(", ", names)}.";
        }
    }

    // A tenant whose region has no backend could store nothing.
    private static IEnumerable<string> PinFaults(FilesOptions options) => options.Tenants.Where(t => t.Value.Region is { } region && !options.Regions.ContainsKey(region))
        .Select(t => $"Files:Tenants:{t.Key}:Region names '{t.Value.Region}'; Files:Regions has {(options.Regions.Count == 0 ? "none" : string.Join(", ", options.Regions.Keys))}.");

    private static bool IsMode(string text) => text.Length is 3 or 4 && text.All(c => c is >= '0' and <= '7');

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
