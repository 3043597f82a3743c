using CloudStore.Storage.Cache.Shared.Database;
using CloudStore.Storage.Cache.Shared.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>
/// Decides which store this process uses, together with the others: the row in the database says it where there is one, else Redis itself. Whatever moves does
/// so by beginning a generation, one process at a time (the row, or the script, lets one through).
/// </summary>
internal sealed partial class Coordinator : IAsyncDisposable
{
    /// <summary>A process that follows the log in Redis trusts its memory for so long after it asked: the bound less what a poll takes.</summary>
    public static readonly TimeSpan RedisLease = TimeSpan.FromMilliseconds(80);

    private const string NotNoted = "what this process wrote could not be noted";
    private const long MostMarks = 100_000;
    private readonly CacheOptions _options;
    private readonly Follower _follower;
    private readonly ILogger _logger;
    private readonly DatabaseState? _state;
    private readonly DatabaseStore? _databaseStore;
    private readonly DatabaseCleanup? _cleanup;
    private readonly DatabaseGuard? _guard;
    private readonly CacheDatabase? _database;
    private readonly RedisSide? _redis;
    private readonly SemaphoreSlim _moving = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Bell _databaseBell = new();
    private readonly Bell _redisBell = new();
    private readonly List<Task> _loops = [];
    private volatile Active _active = new(Regime.None, null);
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _owed;
    private long _used;

    public Coordinator(CacheOptions options, Func<IConnectionMultiplexer>? redis, CacheDatabase? database, TimeProvider time, Follower follower, ILogger logger)
    {
        (_options, _follower, _logger) = (options, follower, logger);
        DatabaseCounts = new("database");
        RedisCounts = new("redis");
        if (database is not null)
        {
            _database = database;
            _guard = new DatabaseGuard(DatabaseCounts.Failed);
            _state = new DatabaseState(database, _guard, time);
            _cleanup = new DatabaseCleanup(database, time);
            _databaseStore = new DatabaseStore(database, _guard, follower, () => ReadDatabaseAsync(_stop.Token));
        }

        _redis = redis is null ? null : new RedisSide(options, redis, follower, OnOpened, _redisBell.Ring);
    }

    public Active Active => _active;

    public LayerCounts RedisCounts { get; }

    public LayerCounts DatabaseCounts { get; }

    public bool HasRedis => _redis is not null;

    public bool HasDatabase => _state is not null;

    private TimeSpan DatabaseLease => TimeSpan.FromMilliseconds(_options.DatabasePollMilliseconds);

    public void Start()
    {
        if (_state is not null)
        {
            _loops.Add(Task.Run(DatabaseLoopAsync));
        }

        if (_redis is not null)
        {
            _loops.Add(Task.Run(RedisLoopAsync));
        }
    }

    /// <summary>A regime with a store; null where none came in time.</summary>
    public ValueTask<Active?> UsableAsync(CancellationToken cancellationToken) =>
        _active is { Store: not null } active ? new(active) : !HasRedis && !HasDatabase ? new((Active?)null) : new(WaitAsync(cancellationToken));

    private async Task<Active?> WaitAsync(CancellationToken cancellationToken)
    {
        var deadline = Task.Delay(1_000, cancellationToken);
        while (true)
        {
            var changed = _changed.Task;
            if (_active is { Store: not null } active)
            {
                return active;
            }

            Use();
            _databaseBell.Ring();
            if (await Task.WhenAny(changed, deadline) == deadline)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }
        }
    }

    /// <summary>A process without Redis keeps all of them with the database while it uses the cache, and no longer.</summary>
    public void Use() => Volatile.Write(ref _used, Environment.TickCount64);

    private bool IsInUse => Volatile.Read(ref _used) is > 0 and var used && Environment.TickCount64 - used < AwayMilliseconds;

    /// <summary>Reads the log now.</summary>
    /// <returns>True: what the store answers from now on can be judged. False: the regime is over.</returns>
    public Task<bool> CatchUpAsync(Active active) => active.Regime.Holder == Holder.Redis ? ReadRedisAsync(active) : ReadDatabaseAsync(_stop.Token);

    /// <summary>The store said that it is in another generation than the one that was used.</summary>
    public async Task RefreshAsync(Active active)
    {
        if (ReferenceEquals(_active, active))
        {
            await CatchUpAsync(active);
        }
    }

    /// <summary>What this process did could be noted nowhere, or nobody knows whether it was: nothing from before may be read.</summary>
    public void Owe()
    {
        _owed = NotNoted;
        _databaseBell.Ring();
        _redisBell.Ring();
    }

    public void Stop() => _stop.Cancel();

    // What is owed is paid by another generation, when that has begun and not before. What comes to be owed meanwhile stays.
    private async Task<bool> PayAsync(Func<Task<bool>> begin)
    {
        var owed = Interlocked.Exchange(ref _owed, null);
        bool paid = false;
        try
        {
            return paid = await begin();
        }
        finally
        {
            if (!paid)
            {
                _owed ??= owed;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _redis?.Dispose();
        _active.End();
        _moving.Dispose();
        _stop.Dispose();
    }

    private void Switch(Regime regime, ICacheStore? store)
    {
        var before = _active;
        _active = new Active(regime, store);
        before.End();
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private void OnOpened(string reason)
    {
        RedisCounts.Failed();
        if (_active.Regime.Holder == Holder.Redis)
        {
            Opened(_logger, reason, _state is null ? "nothing is shared" : "the database serves");
            _follower.Suspend();
            Switch(Regime.None, null);
        }

        _databaseBell.Ring();
        _redisBell.Ring();
    }

    private async Task ExclusivelyAsync(Func<Task> move)
    {
        await _moving.WaitAsync(_stop.Token);
        try
        {
            await move();
        }
        finally
        {
            _moving.Release();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The cache does without Redis: {Reason}. From now on {Instead}.")]
    private static partial void Opened(ILogger logger, string reason, string instead);

    [LoggerMessage(2, LogLevel.Information, "The cache uses {Holder}, generation {Generation}.")]
    private static partial void Uses(ILogger logger, string holder, long generation);

    [LoggerMessage(3, LogLevel.Warning, "The cache begins generation {Generation}: {Reason}.")]
    private static partial void Begins(ILogger logger, long generation, string reason);

    [LoggerMessage(4, LogLevel.Error, "The cache's {Loop} loop failed; it goes on.")]
    private static partial void LoopFailed(ILogger logger, string loop, Exception exception);
}
