using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Files;

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

    // Two processes may see at the same time that there is none: a move, which looks and then renames, would let the second replace the key that the first one
    // already works with.
    private static bool TryName(string fresh, string path)
    {
        if (DurableFile.TryLink(fresh, path))
        {
            DurableFile.FlushFolder(Path.GetDirectoryName(path)!);
            return true;
        }

        try
        {
            // Taken; or Windows, whose move is one step; or a file system without links, where one alone begins a copy.
            Action<string, string> give = OperatingSystem.IsWindows() ? File.Move : File.Copy;
            give(fresh, path);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

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
