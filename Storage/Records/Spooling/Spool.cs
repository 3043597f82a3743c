using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>
/// Keeps writes on this machine's disk, encrypted, while the database is away. What <see cref="AppendAsync"/> has taken is on the disk when it returns and is
/// applied once, in order, by <see cref="SpoolReplayer"/> when the database is back, by this process or a later one.
/// </summary>
public sealed partial class Spool : IDisposable
{
    private readonly Channel<Waiting> _incoming = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<Guid, SpoolEntryView> _waiting = [];
    private readonly ConcurrentDictionary<(string Tenant, string Key), SpoolEntry> _byKey = [];
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();
    private readonly SpoolOptions _options;
    private readonly DataOptions _data;
    private readonly ISpoolKeys _keys;
    private readonly ILogger<Spool> _logger;
    private SpoolFolder? _folder;
    private SpoolSegment? _segment;
    private Task? _writer;
    private long _bytes;

    public Spool(IOptions<SpoolOptions> options, DataOptions data, ISpoolKeys keys, ILogger<Spool> logger)
    {
        (_options, _data, _keys, _logger) = (options.Value, data, keys, logger);
        SpoolMetrics.Watch(this);
    }

    /// <summary>Entries that wait in this process's part.</summary>
    public int Count => _waiting.Count;

    /// <summary>The entry, while it waits here.</summary>
    public SpoolEntryView? Find(string tenant, Guid id) => _waiting.TryGetValue(id, out var entry) && entry.Tenant == tenant ? entry : null;

    /// <summary>The entry that came with an Idempotency-Key, while it waits here.</summary>
    public SpoolEntry? FindKey(string tenant, string key) => _byKey.TryGetValue((tenant, key), out var entry) && _waiting.ContainsKey(entry.Id) ? entry : null;

    /// <summary>Takes over what processes that have ended left. Called before the first entry, and now and then.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void Open()
    {
        lock (_writing)
        {
            _folder ??= new SpoolFolder(_options.Folder ?? _data.PathOf("spool"), _logger);
            foreach (var path in _folder.Files().Where(_files.Add))
            {
                Note(path);
            }

            _writer ??= Task.Run(WriteAsync);
        }

        Measure();
    }

    /// <summary>Keeps an entry. It is on the disk when this returns.</summary>
    /// <exception cref="ProblemException">Of kind unavailable: the spool is full or its disk fails; idempotency-running: a request of the same key is being written.</exception>
    public async Task AppendAsync(SpoolEntry entry, CancellationToken cancellationToken = default)
    {
        var bytes = entry.ToBytes();
        if (Interlocked.Read(ref _bytes) + bytes.Length > (long)_options.MaxMegabytes << 20)
        {
            throw new ProblemException(ProblemKind.Unavailable, $"The database does not answer, and {_options.MaxMegabytes} MiB wait for it already (Spool:MaxMegabytes).");
        }

        if (KeyOf(entry) is { } key && !_byKey.TryAdd(key, entry))
        {
            throw new ProblemException(ProblemKind.IdempotencyRunning, $"The first request with the Idempotency-Key '{key.Key}' is still running.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        try
        {
            var waiting = new Waiting(entry, bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            await _incoming.Writer.WriteAsync(waiting, cancellationToken);
            // Not to be cancelled from here on: the entry may be on the disk already.
            await waiting.Written.Task;
        }
        catch
        {
            ForgetKey(entry);
            throw;
        }
    }

    /// <summary>The files, oldest first. What is appended from now on goes into a new one.</summary>
    internal IReadOnlyList<string> Seal()
    {
        lock (_writing)
        {
            _segment?.Dispose();
            _segment = null;
            return _folder!.Files();
        }
    }

    /// <summary>Keeps the files to one who reads or rewrites them; appending goes on.</summary>
    internal SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Removes entries that wait or were put aside.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="InvalidDataException">A file was changed, and nobody can tell what is in it; an operator has to remove it.</exception>
    internal async Task<int> EraseAsync(Predicate<SpoolEntry> which, CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            using var aside = _folder!.LockAside() ?? throw new ProblemException(ProblemKind.Unavailable, "Another process is rewriting what was put aside from the spool; try again.");
            return Seal().Concat(_folder.Aside()).Sum(path => Erase(path, which));
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>
    /// Wraps the keys of this process's files, and of those that were put aside, by the present master key where it was the one before. Killed at any moment it leaves each
    /// file readable with one or the other.
    /// </summary>
    /// <returns>How many files were rewrapped, and how many of the whole spool are still under another master key: those of running processes, and damaged ones.</returns>
    internal async Task<(int Done, int Left)> RewrapAsync(CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            using var aside = _folder!.LockAside();
            var own = _folder.Files().Concat(aside is null ? [] : _folder.Aside());
            int done = own.Count(path => SpoolSegment.IsPresent(path, _keys) == false && Rewrap(path));
            return (done, _folder.All().Count(path => SpoolSegment.IsPresent(path, _keys) == false));
        }
        finally
        {
            Turn.Release();
        }
    }

    internal IEnumerable<SpoolEntry> Read(string path) => SpoolSegment.Read(path, _keys);

    internal void Applied(SpoolEntry entry)
    {
        _waiting.TryRemove(entry.Id, out _);
        ForgetKey(entry);
    }

    internal void Remove(string path)
    {
        File.Delete(path);
        Measure();
    }

    /// <summary>Puts a file aside that cannot be read to its end.</summary>
    internal string SetAside(string path)
    {
        var aside = _folder!.SetAside(path);
        Measure();
        return aside;
    }

    /// <summary>Keeps an entry that breaks a rule where an operator finds it: moved back into a numbered folder, it is tried again.</summary>
    internal void SetAside(SpoolEntry entry)
    {
        var path = _folder!.AsidePath(entry.Id);
        File.Delete(path);
        using var segment = SpoolSegment.Create(path, _keys);
        segment.Append(entry.ToBytes());
        segment.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _incoming.Writer.TryComplete();
        Turn.Dispose();
        lock (_writing)
        {
            _segment?.Dispose();
            _segment = null;
            _folder?.Dispose();
        }
    }

    private void Note(string path)
    {
        try
        {
            foreach (var entry in SpoolSegment.Read(path, _keys))
            {
                _waiting[entry.Id] = SpoolEntryView.Waiting(entry);
                if (KeyOf(entry) is { } key)
                {
                    _byKey.TryAdd(key, entry);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or CryptographicException)
        {
            // Its sound part is applied with the others; the replayer then puts it aside.
            Damaged(_logger, e, path);
        }
    }

    private static (string Tenant, string Key)? KeyOf(SpoolEntry entry) => entry.Key is { } key ? (entry.Tenant, key.Request.Key) : null;

    // Its own only: of two entries of one key, which two processes took, the other may still wait.
    private void ForgetKey(SpoolEntry entry)
    {
        if (KeyOf(entry) is { } key && _byKey.TryGetValue(key, out var kept) && kept.Id == entry.Id)
        {
            _byKey.TryRemove(new KeyValuePair<(string, string), SpoolEntry>(key, kept));
        }
    }

    // Whatever has come in while the disk was busy is written together: one flush for all of it.
    private async Task WriteAsync()
    {
        var batch = new List<Waiting>();
        while (await _incoming.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (_incoming.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            lock (_writing)
            {
                Write(batch);
            }
        }
    }

    private void Write(List<Waiting> batch)
    {
        try
        {
            _segment ??= Create();
            foreach (var waiting in batch)
            {
                _segment.Append(waiting.Bytes);
            }

            _segment.Flush();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Failed(_logger, e);
            Abandon();
            var problem = new ProblemException(ProblemKind.Unavailable, "The database does not answer, and the spool's disk fails as well.", inner: e);
            batch.ForEach(w => w.Written.SetException(problem));
            return;
        }

        foreach (var waiting in batch)
        {
            _waiting[waiting.Entry.Id] = SpoolEntryView.Waiting(waiting.Entry);
            Interlocked.Add(ref _bytes, waiting.Bytes.Length);
            waiting.Written.SetResult();
        }
    }

    private int Erase(string path, Predicate<SpoolEntry> which)
    {
        var entries = SpoolSegment.Read(path, _keys).ToList();
        var gone = entries.Where(e => which(e)).ToList();
        if (gone.Count > 0)
        {
            Rewrite(path, entries.Except(gone));
            gone.ForEach(Applied);
        }

        return gone.Count;
    }

    // Under the old name, whose place in the order it keeps, and under a new key: the old one would decrypt what is gone.
    private void Rewrite(string path, IEnumerable<SpoolEntry> entries)
    {
        var fresh = $"{path}.new";
        File.Delete(fresh);
        using (var segment = SpoolSegment.Create(fresh, _keys))
        {
            foreach (var entry in entries)
            {
                segment.Append(entry.ToBytes());
            }

            segment.Flush();
        }

        Replace(fresh, path);
    }

    private bool Rewrap(string path)
    {
        try
        {
            SpoolSegment.Rewrap(path, $"{path}.new", _keys);
            Replace($"{path}.new", path);
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or CryptographicException)
        {
            Damaged(_logger, e, path);
            return false;
        }
    }

    private static void Replace(string fresh, string path)
    {
        File.Move(fresh, path, overwrite: true);
        DurableFile.FlushFolder(Path.GetDirectoryName(path)!);
    }

    private SpoolSegment Create()
    {
        var segment = SpoolSegment.Create(_folder!.NewPath(), _keys);
        _files.Add(segment.Path);
        return segment;
    }

    private void Measure()
    {
        lock (_writing)
        {
            Interlocked.Exchange(ref _bytes, _folder!.Files().Sum(f => new FileInfo(f).Length));
        }
    }

    private void Abandon()
    {
        try
        {
            _segment?.Cut();
        }
        catch (IOException e)
        {
            Failed(_logger, e);
        }

        _segment?.Dispose();
        _segment = null;
    }

    private sealed record Waiting(SpoolEntry Entry, byte[] Bytes, TaskCompletionSource Written);

    [LoggerMessage(1, LogLevel.Error, "The spool cannot be written to.")]
    private static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "The spool's file {File} was changed.")]
    private static partial void Damaged(ILogger logger, Exception exception, string file);
}
