namespace CloudStore.Storage.Tests.Imports.Reading;

/// <summary>
/// Files of other people that tests read where they are to be had: in the folder that CLOUDSTORE_TEST_DATA names, else in shared/data beside the repository.
/// </summary>
internal static class TestData
{
    private static readonly string? s_root = Find();

    /// <summary>The path of a file or folder; skips the test where there is none.</summary>
    public static string Path(params string[] parts)
    {
        string? path = s_root is null ? null : System.IO.Path.Combine([s_root, .. parts]);
        if (path is null || !(File.Exists(path) || Directory.Exists(path)))
            Assert.Skip($"{string.Join('/', parts)} is not there: CLOUDSTORE_TEST_DATA does not name a folder that holds it.");
        return path!;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CLOUDSTORE_TEST_DATA") is { Length: > 0 } given) return given;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "CloudStore.sln"))) return System.IO.Path.Combine(folder.FullName, "..", "shared", "data");
        }

        return null;
    }
}
