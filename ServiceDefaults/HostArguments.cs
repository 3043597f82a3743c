namespace Microsoft.Extensions.Hosting;

/// <summary>The arguments a service's host is built with.</summary>
public static class HostArguments
{
    // Settings are validated once, at start, and read from then on. The watch for changed settings files would cover the whole content root, where the data
    // folder is too: each write to a database file would wake it, which cost a bulk load into SQLite a tenth of its rate.
    private const string NoWatch = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>The process's own arguments, with no watch on settings files unless they ask for one.</summary>
    public static string[] Of(string[] args) => [NoWatch, .. args];
}
