using System.Diagnostics;
using CloudStore.Storage.Cache.Shared.Database;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>The part that watches Redis.</summary>
internal sealed partial class Coordinator
{
    private const string Alone = "alone";
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan FirstProbe = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastProbe = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);
    private TimeSpan _probe = FirstProbe;
    private long _closed;

    private async Task RedisLoopAsync()
    {
        await ConnectAsync();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var active = _active;
                if (active.Regime.Holder == Holder.Redis && !_redis!.Circuit.IsOpen)
                {
                    await ReadRedisAsync(active);
                }
                else
                {
                    await ProbeAsync();
                }
            }
            catch (Exception e) when (e is StoreAwayException or RedisException or RedisCommandException or TimeoutException or OperationCanceledException or ObjectDisposedException)
            {
                // Counted where it happened.
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LoopFailed(_logger, "Redis", e);
            }

            var pause = _active.Regime.Holder == Holder.Redis ? TimeSpan.FromMilliseconds(_options.PollMilliseconds) : _redis!.Circuit.IsOpen ? _probe : FirstProbe;
            await Task.Delay(LeastPause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _redisBell.WaitAsync(pause, _stop.Token);
        }
    }

    private async Task ConnectAsync()
    {
        if (_state is null)
        {
            _redis!.Name(Alone);
        }

        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (_redis!.Names is not null)
                {
                    await _redis.ConnectAsync();
                    _databaseBell.Ring();
                    return;
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                _redis!.Circuit.Open($"there is no connection: {e.Message}");
            }

            await Task.Delay(_redis!.Names is null ? LeastPause * 10 : FirstProbe, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One poll of the log.</summary>
    private async Task<bool> ReadRedisAsync(Active active)
    {
        var (redis, database) = (_redis!, _redis!.Database ?? throw new StoreAwayException("there is no connection"));
        var page = await redis.Patience.ReadAsync(() => redis.Log!.ReadAsync(database, active.Regime.Generation, false), _stop.Token);
        if (!ReferenceEquals(active, _active))
        {
            return false;
        }

        var followed = _follower.Apply(page, RedisLease);
        string? reason = followed == Followed.ClockSet ? "Redis's clock was set"
            : page.Marks > MostMarks ? "more tags and prefixes were invalidated than are remembered"
            : Positions.Sequence(page.Position) > Positions.LastSequence ? "the log is at its end"
            : null;
        if (followed != Followed.Applied || reason is not null)
        {
            await ExclusivelyAsync(() => ReferenceEquals(active, _active) ? RenewRedisAsync(active, reason) : Task.CompletedTask);
            return false;
        }

        return true;
    }

    // Lines were missed: the floors are read anew. Redis lost its memory, or a reason is given: another generation begins.
    private async Task RenewRedisAsync(Active active, string? reason)
    {
        _follower.Suspend();
        if (_state is not null)
        {
            try
            {
                var (row, _) = (await _state.ReadAsync(_follower.Position, true, _stop.Token))!.Value;
                if (row.Regime.Holder == Holder.Redis)
                {
                    await EnterRedisAsync(row, _stop.Token, reason);
                }

                return;
            }
            catch (StoreAwayException)
            {
                // Redis alone decides until the database is back.
            }
        }

        await EnterRedisAloneAsync(active.Regime.Generation, reason);
    }

    /// <summary>Follows Redis as the row says; where Redis is not in that generation, or has lost a part of it, another one begins.</summary>
    private async Task EnterRedisAsync(StateRow row, CancellationToken cancellationToken, string? reason = null)
    {
        if (_redis!.Database is not { } database)
        {
            return;
        }

        var page = await _redis.Patience.ReadAsync(() => _redis.Log!.ReadAsync(database, row.Regime.Generation, true), cancellationToken);
        reason ??= _owed;
        if (reason is null && page.Generation == row.Regime.Generation && page.Sound)
        {
            Enter(row.Regime, page);
            return;
        }

        var to = Next(Math.Max(row.Regime.Generation, page.Generation), Holder.Redis, page.Now);
        if (await PayAsync(async () => await BeginRedisAsync(database, to) && await _state!.MoveAsync(row.Regime.Generation, to, 0, cancellationToken)))
        {
            Begins(_logger, to.Generation, reason ?? "Redis has not what it had");
            Enter(to, await _redis.Patience.ReadAsync(() => _redis.Log!.ReadAsync(database, to.Generation, true), cancellationToken));
        }
        else
        {
            // Another process was faster: the row is read again.
            _databaseBell.Ring();
        }
    }

    /// <summary>The same where no row says it: the generation in Redis holds, if it is one.</summary>
    /// <param name="known">The generation this process was in; 0 for none.</param>
    private async Task EnterRedisAloneAsync(long known, string? reason)
    {
        if (_redis!.Database is not { } database)
        {
            return;
        }

        var log = _redis.Log!;
        var page = await _redis.Patience.ReadAsync(() => log.ReadAsync(database, known, true), _stop.Token);
        if (page.Generation > known && page.Sound)
        {
            page = await _redis.Patience.ReadAsync(() => log.ReadAsync(database, page.Generation, true), _stop.Token);
        }

        reason ??= _owed;
        if (reason is not null || !page.Sound || page.Generation < known || page.Generation == 0)
        {
            var to = Next(Math.Max(page.Generation, known), Holder.Redis, page.Now);
            if (await PayAsync(() => BeginRedisAsync(database, to)))
            {
                Begins(_logger, to.Generation, reason ?? "Redis has none, or has not what it had");
            }

            page = await _redis.Patience.ReadAsync(() => log.ReadAsync(database, to.Generation, true), _stop.Token);
            if (page.Generation != to.Generation || !page.Sound)
            {
                return;
            }
        }

        Enter(new Regime(page.Generation, Holder.Redis, page.Base), page);
    }

    private void Enter(Regime regime, LogPage page)
    {
        if (page.Generation != regime.Generation || !page.Sound)
        {
            return;
        }

        _follower.Begin(regime, page, RedisLease);
        _closed = Stopwatch.GetTimestamp();
        Switch(regime, _redis!.Store);
        Uses(_logger, "Redis", regime.Generation);
    }

    private Task<bool> BeginRedisAsync(IDatabase database, Regime to) => _redis!.Patience.WriteAsync(() => _redis.Log!.BeginAsync(database, to));

    /// <summary>Asks whether Redis can be read and written again; with nobody left who says otherwise, it is used again.</summary>
    private async Task ProbeAsync()
    {
        var (redis, timeout) = (_redis!, _redis!.Timeout * 4);
        if (redis.Database is not { } database)
        {
            return;
        }

        if (redis.Circuit.IsOpen)
        {
            _probe = _closed != 0 && Stopwatch.GetElapsedTime(_closed) > Steady ? FirstProbe : _probe;
            _closed = 0;
            try
            {
                await redis.Log!.ProbeAsync(database, Positions.Generation(_follower.Position)).WaitAsync(timeout, _stop.Token);
            }
            catch
            {
                _probe = _probe * 1.5 > LastProbe ? LastProbe : _probe * 1.5;
                throw;
            }

            redis.Circuit.Close();
            _owed ??= _state is null ? "Redis was away" : null;
            _databaseBell.Ring();
        }

        if (_active.Regime.Holder == Holder.Database)
        {
            await ExclusivelyAsync(() => ReturnToRedisAsync(database));
        }
        else if (_state is null && _active.Regime.Holder == Holder.None)
        {
            await ExclusivelyAsync(() => EnterRedisAloneAsync(Positions.Generation(_follower.Position), null));
        }
    }

    private async Task ReturnToRedisAsync(IDatabase database)
    {
        var (row, _) = (await _state!.ReadAsync(_follower.Position, true, _stop.Token))!.Value;
        if (row.Regime.Holder != Holder.Database || row.Regime != _active.Regime || row.Now < row.AwayUntil || _redis!.Circuit.IsOpen
            || !await _state.ClaimReturnAsync(row.Regime.Generation, ReturnCopy.ClaimMilliseconds, _stop.Token))
        {
            return;
        }

        var page = await _redis.Patience.ReadAsync(() => _redis.Log!.ReadAsync(database, 0, false), _stop.Token);
        // The base stays: what is copied keeps its positions, and the marks that it is compared with.
        var to = Next(Math.Max(row.Regime.Generation, page.Generation), Holder.Redis, page.Now) with { Base = row.Regime.Base };
        if (await BeginRedisAsync(database, to) && await _guard!.RunAsync(() => new ReturnCopy(_database!, _state, database, _redis.Names!, _redis.Timeout * 10).RunAsync(row, to, page.Now, _stop.Token), _stop.Token))
        {
            Begins(_logger, to.Generation, "Redis answers all processes again");
            Enter(to, await _redis.Patience.ReadAsync(() => _redis.Log!.ReadAsync(database, to.Generation, true), _stop.Token));
        }
    }
}
