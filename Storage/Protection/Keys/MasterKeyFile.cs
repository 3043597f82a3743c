using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>The file that holds a master key as base64.</summary>
internal static class MasterKeyFile
{
    public const string Name = "master-key";

    /// <summary>Makes the file with a random key, readable by its owner alone. Of several processes one makes it, and the others read that one's.</summary>
    /// <returns>True where this process made it.</returns>
    public static bool Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Written whole beside it and then given its name: nobody ever reads half a key.
        var fresh = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        try
        {
            Write(fresh);
            return TryName(fresh, path);
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    // File.Move looks whether the name is taken and then renames, on Unix: of two processes that look at the same time, the second would replace the key that the
    // first one already works with. A hard link is made or refused in one step, and so is a new file.
    private static bool TryName(string fresh, string path)
    {
        if (!OperatingSystem.IsWindows() && Link(fresh, path) == 0)
        {
            return true;
        }

        try
        {
            if (!File.Exists(path))
            {
                // Windows, whose move is one step; or a file system without hard links.
                if (OperatingSystem.IsWindows())
                {
                    File.Move(fresh, path, overwrite: false);
                }
                else
                {
                    File.Copy(fresh, path, overwrite: false);
                }

                return true;
            }

            return false;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "link", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    private static void Write(string path)
    {
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, create);
        file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(LocalMasterKey.KeyBytes)) + "\n"));
        file.Flush(flushToDisk: true);
    }
}
