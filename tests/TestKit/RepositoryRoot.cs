namespace CloudStore.TestKit;

/// <summary>Finds the repository that the running tests were built from.</summary>
public static class RepositoryRoot
{
    /// <summary>The nearest folder above the test assembly that holds CloudStore.sln, or null where the tests run from somewhere else.</summary>
    public static DirectoryInfo? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CloudStore.sln")))
            folder = folder.Parent;
        return folder;
    }
}
