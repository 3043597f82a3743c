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
            File.Move(fresh, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(fresh);
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
