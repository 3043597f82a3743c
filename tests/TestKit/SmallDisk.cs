using System.Diagnostics;
using Xunit;

namespace CloudStore.TestKit;

/// <summary>A file system of a few megabytes at a folder, so that a test can fill a disk. It needs Linux and root; elsewhere the test is skipped.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    public static SmallDisk Mount(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder), "needs to mount a tmpfs (Linux, root)");
        return new SmallDisk(folder);
    }

    // Lazily: the server may hold a file open.
    public void Dispose() => Run("umount", "-l", _folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
