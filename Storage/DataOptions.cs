namespace CloudStore.Storage;

/// <summary>Settings of the section <c>Data</c>: where a machine without servers of its own keeps things.</summary>
public sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>Folder of the SQLite file, staged uploads and the access key; made when absent.</summary>
    public string Root { get; set; } = "./data";

    /// <summary>The full path of a file or folder below the root.</summary>
    public string PathOf(params string[] parts) => Path.GetFullPath(Path.Combine([Root, .. parts]));
}
