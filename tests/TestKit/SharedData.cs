using Xunit;

namespace CloudStore.TestKit;

/// <summary>
/// Real data files kept outside the repository: the folder named by CLOUDSTORE_TEST_DATA, or <c>../shared/data</c> beside the repository.
/// Where the folder or a file of it is absent the calling test is skipped with the reason.
/// </summary>
public static class SharedData
{
    /// <summary>Variable with the folder's path.</summary>
    public const string Variable = "CLOUDSTORE_TEST_DATA";

    /// <summary>Full path of the data folder.</summary>
    public static string Root
    {
        get
        {
            var folder = Locate();
            if (folder is null)
                Assert.Skip($"needs the shared data files: {Variable} is not set and there is no shared/data beside the repository");
            return folder;
        }
    }

    /// <summary>Full path of a file or folder in it, e.g. <c>File("campaigns/a.csv")</c>.</summary>
    public static string File(string relative)
    {
        var path = Path.Combine(Root, relative);
        if (!Path.Exists(path))
            Assert.Skip($"needs {relative} in the shared data files, which is not there");
        return path;
    }

    private static string? Locate()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
            return Directory.Exists(named) ? Path.GetFullPath(named) : null;

        var root = RepositoryRoot.Find();
        // A clone may stand one folder deeper than the main checkout, so the folder above is looked at as well.
        for (var above = root?.Parent; above is not null; above = above.Parent)
        {
            var folder = Path.Combine(above.FullName, "shared", "data");
            if (Directory.Exists(folder))
                return folder;
        }
        return null;
    }
}
