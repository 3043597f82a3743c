using System.Globalization;
using CloudStore.Storage.Files;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>
/// The files of one process. Processes that share the folder each work in a part of it that they hold by a lock file; what a process that has ended left in
/// its part is taken over by another.
/// </summary>
internal sealed partial class SpoolFolder : IDisposable
{
    private const string Suffix = ".spool";
    private const int MostProcesses = 1000;
    private readonly string _root;
    private readonly string _own;
    private readonly FileStream _lock;
    private readonly ILogger _logger;
    private UInt128 _last;

    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public SpoolFolder(string root, ILogger logger)
    {
        (_root, _logger) = (root, logger);
        for (int part = 0; part < MostProcesses; part++)
        {
            _own = Path.Combine(root, $"{part}");
            if (TryLock(_own) is { } held)
            {
                _lock = held;
                return;
            }
        }

        throw new IOException($"All {MostProcesses} parts of the spool's folder {root} are held by other processes.");
    }

    /// <summary>A file that does not exist yet and sorts behind all that do.</summary>
    public string NewPath()
    {
        // Ids of one millisecond are in no order, two files can be begun in one, and a clock can go back.
        var id = UInt128.Parse(Guid.CreateVersion7().ToString("n"), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _last = id > _last ? id : _last + 1;
        return Path.Combine(_own, string.Create(CultureInfo.InvariantCulture, $"{_last:x32}{Suffix}"));
    }

    /// <summary>The files, oldest first, with those of processes that have ended.</summary>
    public IReadOnlyList<string> Files()
    {
        foreach (var part in Directory.EnumerateDirectories(_root).Where(p => p != _own && int.TryParse(Path.GetFileName(p), out _)))
        {
            Adopt(part);
        }

        return [.. Directory.EnumerateFiles(_own, $"*{Suffix}").Order(StringComparer.Ordinal)];
    }

    /// <summary>Puts a file aside, for an operator to look at.</summary>
    public string SetAside(string path)
    {
        var aside = Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "aside")).FullName, Path.GetFileName(path));
        File.Move(path, aside);
        return aside;
    }

    /// <summary>The files that were put aside.</summary>
    public IReadOnlyList<string> Aside()
    {
        var aside = Path.Combine(_root, "aside");
        return Directory.Exists(aside) ? Directory.GetFiles(aside, $"*{Suffix}") : [];
    }

    /// <summary>All files of the spool, whichever process holds them.</summary>
    public IEnumerable<string> All() => Directory.EnumerateFiles(_root, $"*{Suffix}", SearchOption.AllDirectories);

    /// <summary>Keeps the files that were put aside to one who rewrites them; null where another process does.</summary>
    public FileStream? LockAside() => TryLock(Path.Combine(_root, "aside"));

    /// <summary>Where an entry that nobody takes is kept.</summary>
    public string AsidePath(Guid entry) => Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "aside")).FullName, $"{entry:n}{Suffix}");

    public void Dispose() => _lock.Dispose();

    private void Adopt(string part)
    {
        using var held = TryLock(part);
        if (held is null)
        {
            return;
        }

        foreach (var file in Directory.GetFiles(part, $"*{Suffix}"))
        {
            File.Move(file, Path.Combine(_own, Path.GetFileName(file)));
            Adopted(_logger, file);
        }
    }

    private static FileStream? TryLock(string part)
    {
        DurableFile.MakeFolder(part);
        var file = Path.Combine(part, "lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Took over {File}, which another process left in the spool.")]
    private static partial void Adopted(ILogger logger, string file);
}
