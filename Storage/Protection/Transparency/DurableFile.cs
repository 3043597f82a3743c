using System.Runtime.InteropServices;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>Files that are there whole or not at all, whenever the machine stops.</summary>
internal static partial class DurableFile
{
    private const int ReadOnlyFolder = 0;

    /// <summary>Writes a file, in place of one that may be there, and sees to it that it survives a loss of power.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        var part = path + ".part";
        using (var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
        FlushFolder(folder);
    }

    /// <summary>Makes a folder, and those above it that are missing.</summary>
    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var above = Path.GetDirectoryName(folder)!;
        MakeFolder(above);
        Directory.CreateDirectory(folder);
        FlushFolder(above);
    }

    // The name of a file is its folder's content. Windows keeps it with the file.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int handle = Open(folder, ReadOnlyFolder);
        if (handle < 0)
        {
            throw new IOException($"The folder {folder} cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        }

        try
        {
            // Some file systems cannot flush a folder and say so; they do it by themselves.
            _ = Fsync(handle);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
