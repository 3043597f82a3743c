using System.Runtime.InteropServices;

namespace CloudStore.Storage.Files;

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

    /// <summary>Sees to it that what a file holds by now survives a loss of power, whoever wrote it. One that is not there needs nothing.</summary>
    public static void Flush(string path)
    {
        if (File.Exists(path))
        {
            using var file = new FileStream(path, new FileStreamOptions { Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Writes a file piece by piece, in place of one that may be there: under another name first, which goes where the writing fails.</summary>
    /// <returns>What <paramref name="write"/> returns.</returns>
    public static async Task<T> WriteAsync<T>(string path, Func<Stream, Task<T>> write)
    {
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        var part = path + ".part";
        T written;
        try
        {
            await using var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous });
            written = await write(file);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }

        File.Move(part, path, overwrite: true);
        FlushFolder(folder);
        return written;
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

    /// <summary>Sees to it that the names of a folder's files survive a loss of power: they are the folder's content. Windows keeps them with the files.</summary>
    public static void FlushFolder(string folder)
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

    /// <summary>Gives a file a second name, unless that is taken: made or refused in one step, where <see cref="File.Move(string, string)"/> looks first and then renames.</summary>
    /// <returns>False where the name is taken, or the file system has no second names.</returns>
    public static bool TryLink(string path, string name) => !OperatingSystem.IsWindows() && Link(path, name) == 0;

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string name);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
