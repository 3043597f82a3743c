using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace CloudStore.Storage.Files.Contents;

/// <summary>
/// Content in a folder, in two levels of folders below it by the last digits of its name. It is written under another name, flushed to the disk and then renamed, and the rename is flushed
/// as well: a loss of power leaves it whole or not there.
/// </summary>
/// <param name="folder">Made when the first content is written.</param>
/// <param name="folderMode">The folders' permissions, on Unix.</param>
/// <param name="fileMode">The files' permissions, on Unix.</param>
public sealed class DiskContentStore(string folder, UnixFileMode folderMode = DiskContentStore.OwnersFolder, UnixFileMode fileMode = DiskContentStore.OwnersFile) : IContentStore
{
    public const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;
    private const string PartSuffix = ".part";
    private const int OverwriteBytes = 1 << 20;

    /// <inheritdoc/>
    public Task<IContentSink> CreateAsync(string name, CancellationToken cancellationToken = default)
    {
        var path = PathOf(name);
        MakeFolder(Path.GetDirectoryName(path)!);
        return Task.FromResult<IContentSink>(new Sink(path, fileMode));
    }

    /// <inheritdoc/>
    public Task<IContentSource> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.FromResult<IContentSource>(new Source(File.OpenHandle(PathOf(name), options: FileOptions.Asynchronous)));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException($"There is no content {name}.", e);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        var path = PathOf(name);
        try
        {
            if (overwrite)
            {
                await OverwriteAsync(path, cancellationToken);
            }

            File.Delete(path);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            // Gone already.
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListOlderThanAsync(DateTimeOffset instant, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LastWriteTimeUtc < instant.UtcDateTime))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What somebody else has put here is left alone.
            if (IsName(file.Name) && file.FullName == Path.GetFullPath(PathOf(file.Name)))
            {
                yield return file.Name;
            }
        }
    }

    // By the random end of a UUID: its beginning is the time, which would fill one folder after the other.
    internal string PathOf(string name)
    {
        var stem = Stem(name);
        return IsName(name) ? Path.Combine(folder, stem[^2..], stem[^4..^2], name) : throw new ArgumentException($"'{name}' is not a content name.", nameof(name));
    }

    private static string Stem(string name) => name.EndsWith(PartSuffix, StringComparison.Ordinal) ? name[..^PartSuffix.Length] : name;

    private static bool IsName(string name) => Stem(name) is { Length: >= 4 } stem && stem.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private void MakeFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (path.Length > folder.TrimEnd('/').Length)
        {
            MakeFolder(Path.GetDirectoryName(path)!);
        }
        else
        {
            DurableFile.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, folderMode);
        // Creating heeds the process's umask.
        File.SetUnixFileMode(path, folderMode);
        DurableFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    // Copies that a journal or a solid-state disk keeps of its own accord are out of reach: the key's destruction is what counts.
    private static async Task OverwriteAsync(string path, CancellationToken cancellationToken)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, options: FileOptions.Asynchronous);
        var noise = new byte[OverwriteBytes];
        long length = RandomAccess.GetLength(handle);
        for (long offset = 0; offset < length; offset += noise.Length)
        {
            RandomNumberGenerator.Fill(noise);
            await RandomAccess.WriteAsync(handle, noise.AsMemory(0, (int)Math.Min(noise.Length, length - offset)), offset, cancellationToken);
        }

        RandomAccess.FlushToDisk(handle);
    }

    private sealed class Sink : IContentSink
    {
        private readonly string _path;
        private readonly SafeFileHandle _handle;
        private long _offset;
        private bool _committed;

        public Sink(string path, UnixFileMode mode)
        {
            _path = path;
            // Made with the mode, not changed to it: nobody else can open it in between.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = mode;
            }

            using (new FileStream(path + PartSuffix, options))
            {
            }

            _handle = File.OpenHandle(path + PartSuffix, FileMode.Open, FileAccess.Write, options: FileOptions.None);
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RandomAccess.Write(_handle, bytes.Span, _offset);
            _offset += bytes.Length;
            return ValueTask.CompletedTask;
        }

        public async Task CommitAsync(CancellationToken cancellationToken = default)
        {
            await Task.Run(() => RandomAccess.FlushToDisk(_handle), cancellationToken);
            _handle.Dispose();
            File.Move(_path + PartSuffix, _path);
            _committed = true;
            DurableFile.FlushFolder(Path.GetDirectoryName(_path)!);
        }

        public ValueTask DisposeAsync()
        {
            _handle.Dispose();
            if (!_committed)
            {
                File.Delete(_path + PartSuffix);
            }

            return ValueTask.CompletedTask;
        }
    }

    private sealed class Source(SafeFileHandle handle) : IContentSource
    {
        public long Length { get; } = RandomAccess.GetLength(handle);

        public int PreferredBytes => 1 << 20;

        public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (buffer.Length > 0)
            {
                int read = await RandomAccess.ReadAsync(handle, buffer, offset, cancellationToken);
                if (read == 0)
                {
                    throw new EndOfStreamException($"The content ends at {offset}.");
                }

                buffer = buffer[read..];
                offset += read;
            }
        }

        public ValueTask DisposeAsync()
        {
            handle.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
