using System.Collections.Concurrent;
using System.Diagnostics;
using CloudStore.Storage.Cache.Shared;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Cache.Changes;

/// <summary>
/// Invalidates what is cached of records after they changed. A write only marks its table, which costs next to nothing; the log of invalidations is appended to behind it, once
/// for all writes of <see cref="Gather"/>. A read in this process waits for what is marked (<see cref="SettleAsync"/>), so that it never sees what was before a write that was
/// answered; other processes see the write within <see cref="Gather"/> and <see cref="CacheOptions.Bound"/>.
/// </summary>
public sealed partial class RecordChanges(CacheEngine cache, ILogger<RecordChanges> logger) : BackgroundService
{
    /// <summary>How long writes are gathered before other processes hear of them.</summary>
    public static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentDictionary<(string Tenant, string Table), Table> _tables = new();
    private readonly ConcurrentQueue<Mark> _dirty = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private int _wanted;

    /// <summary>Marks a table whose records were changed.</summary>
    /// <param name="tenant">Whose records.</param>
    /// <param name="table">The table.</param>
    /// <param name="addedOnly">True: records were added, and none that was there is another now.</param>
    public void Publish(string tenant, string table, bool addedOnly)
    {
        var of = Of(tenant, table);
        Set(addedOnly ? of.Added : of.Changed);
    }

    /// <summary>Returns when nothing that was written in this process before this call can be missing from what is cached of a table.</summary>
    /// <param name="tenant">Whose records.</param>
    /// <param name="table">The table.</param>
    /// <param name="many">True for what depends on which records there are: lists and sums.</param>
    /// <returns>False where that cannot be said: do not use the cache.</returns>
    public ValueTask<bool> SettleAsync(string tenant, string table, bool many)
    {
        var of = Of(tenant, table);
        return of.Changed.IsClean && (!many || of.Added.IsClean) ? new(true) : FlushAsync(of, many);
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // What is set before the shared layers are there is forgotten when they are. They are found within milliseconds, or are away, which nobody waits for.
        var shared = cache.Parts.Shared;
        for (long started = Stopwatch.GetTimestamp(); !shared.IsCurrent(Stopwatch.GetTimestamp()) && Stopwatch.GetElapsedTime(started) < Patience;)
        {
            await Task.Delay(Gather, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAllAsync();
    }

    /// <summary>Appends all that is marked; for a process that is about to end.</summary>
    public async Task FlushAllAsync()
    {
        while (_dirty.TryDequeue(out var mark))
        {
            Volatile.Write(ref mark.Queued, 0);
            await FlushAsync(mark);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _work.WaitAsync(stoppingToken);
                await Task.Delay(Gather, stoppingToken);
                Volatile.Write(ref _wanted, 0);
                int round = _dirty.Count;
                while (round-- > 0 && _dirty.TryDequeue(out var mark))
                {
                    Volatile.Write(ref mark.Queued, 0);
                    if (!await FlushAsync(mark))
                    {
                        Queue(mark);
                        await Task.Delay(Pause, stoppingToken);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync does what is left.
        }
    }

    private async ValueTask<bool> FlushAsync(Table of, bool many)
    {
        bool done = of.Changed.IsClean || await FlushAsync(of.Changed);
        return done && (!many || of.Added.IsClean || await FlushAsync(of.Added));
    }

    // One append at a time for a tag; whoever needs a later one joins the next.
    private async Task<bool> FlushAsync(Mark mark)
    {
        long wanted = Volatile.Read(ref mark.Set);
        while (Volatile.Read(ref mark.Appended) < wanted)
        {
            Task<bool> append;
            lock (mark)
            {
                append = mark.Append is { IsCompleted: false } running ? running : mark.Append = AppendAsync(mark);
            }

            if (!await append)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> AppendAsync(Mark mark)
    {
        long covered = Volatile.Read(ref mark.Set);
        try
        {
            await cache.Parts.Shared.InvalidateAsync(new Invalidation(InvalidationKind.Tag, mark.Tenant, mark.Tag), CancellationToken.None);
            Volatile.Write(ref mark.Appended, covered);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It promises not to fail. Should it nevertheless, the mark stays and nothing is served from the cache until it works.
            Failed(logger, mark.Tag, e);
            return false;
        }
    }

    private void Set(Mark mark)
    {
        Interlocked.Increment(ref mark.Set);
        Queue(mark);
    }

    private void Queue(Mark mark)
    {
        if (Interlocked.Exchange(ref mark.Queued, 1) == 0)
        {
            _dirty.Enqueue(mark);
            if (Interlocked.Exchange(ref _wanted, 1) == 0)
            {
                _work.Release();
            }
        }
    }

    private Table Of(string tenant, string table) =>
        _tables.TryGetValue((tenant, table), out var known) ? known : _tables.GetOrAdd((tenant, table), static key => new Table(key.Tenant, key.Table));

    [LoggerMessage(1, LogLevel.Error, "The invalidation of {Tag} failed; what carries it is not served from the cache until it works.")]
    private static partial void Failed(ILogger logger, string tag, Exception exception);

    private sealed class Table(string tenant, string table)
    {
        public Mark Changed { get; } = new(tenant, RecordTags.Changed(table));

        public Mark Added { get; } = new(tenant, RecordTags.Added(table));
    }

    /// <summary>How often a tag was marked, and how many of those the log has.</summary>
    private sealed class Mark(string tenant, string tag)
    {
        public long Set;

        public long Appended;

        public int Queued;

        public string Tenant => tenant;

        public string Tag => tag;

        public Task<bool>? Append { get; set; }

        public bool IsClean => Volatile.Read(ref Appended) >= Volatile.Read(ref Set);
    }
}
