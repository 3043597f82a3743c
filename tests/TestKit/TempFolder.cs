namespace CloudStore.TestKit;

/// <summary>A new, empty folder below the system's temporary folder. Disposing removes it with all it holds.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cloudstore-test-");

    /// <summary>Full path, without a trailing separator.</summary>
    public string FullPath => _folder.FullName;

    /// <summary>Full path of <paramref name="relative"/> inside the folder; its parent folders are made.</summary>
    public string File(string relative)
    {
        var path = Path.Combine(FullPath, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    public void Dispose()
    {
        if (Directory.Exists(FullPath))
            Directory.Delete(FullPath, recursive: true);
    }
}
