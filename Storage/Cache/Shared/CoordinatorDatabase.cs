using CloudStore.Storage.Cache.Shared.Database;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Cache.Shared;

/// <summary>The part that watches the database's row.</summary>
internal sealed partial class Coordinator
{
    // A process that cannot use Redis says so again and again; when it has died the others wait no longer.
    private const long AwayMilliseconds = 2_000;
    private const long MostUncleaned = 5_000;
    private long _saidAway;
    private long _cleaned;
    private long _cleanedBytes;

    private async Task DatabaseLoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ReadDatabaseAsync(_stop.Token);
                await CleanAsync();
            }
            catch (Exception e) when (e is StoreAwayException or OperationCanceledException)
            {
                // The lease ends by itself; the next look may find it again.
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LoopFailed(_logger, "database", e);
            }

            // Twice within the bound, so that the lease of one look lasts until the next.
            await _databaseBell.WaitAsync(DatabaseLease / 2, _stop.Token);
        }
    }

    // What this process writes it keeps within the limit; the keeper removes what is over.
    private async Task CleanAsync()
    {
        if (_databaseStore!.Written - _cleaned < Math.Clamp(_options.DatabaseEntriesPerTenant / 10, 1, MostUncleaned) && _databaseStore.WrittenBytes - _cleanedBytes < _options.DatabaseBytesPerTenant / 10)
        {
            return;
        }

        (_cleaned, _cleanedBytes) = (_databaseStore.Written, _databaseStore.WrittenBytes);
        DatabaseCounts.Evicted(await _guard!.RunAsync(() => _cleanup!.EvictAsync(_options.DatabaseEntriesPerTenant, _options.DatabaseBytesPerTenant, _stop.Token), _stop.Token));
        await _guard.RunAsync(async () =>
        {
            await _cleanup!.TrimAsync(_stop.Token);
            return true;
        }, _stop.Token);
    }

    /// <summary>Looks at the row and the log, and does what they ask for.</summary>
    private async Task<bool> ReadDatabaseAsync(CancellationToken cancellationToken)
    {
        var regime = _active.Regime;
        var read = await _state!.ReadAsync(_follower.Position, false, cancellationToken);
        if (read is not { } found)
        {
            await _state.CreateAsync(HasRedis ? Holder.Redis : Holder.Database, cancellationToken);
            found = (await _state.ReadAsync(_follower.Position, false, cancellationToken))!.Value;
        }

        _redis?.Name(found.Row.Installation);
        if (found.Row.Regime == regime && regime.Holder == Holder.Redis && _owed is null)
        {
            return true;
        }

        if (found.Row.Regime == regime && regime.Holder == Holder.Database)
        {
            // While something is owed, memory has not heard of all.
            var followed = _follower.Apply(found.Page, _owed is null ? DatabaseLease : TimeSpan.Zero);
            _owed ??= followed == Followed.ClockSet ? "the database's clock was set" : null;
            if (followed == Followed.Applied && _owed is null)
            {
                await StayAwayAsync(cancellationToken);
                return true;
            }
        }

        await ExclusivelyAsync(() => AdoptAsync(cancellationToken));
        return false;
    }

    private async Task StayAwayAsync(CancellationToken cancellationToken)
    {
        bool away = _redis is null ? IsInUse : _redis.Circuit.IsOpen;
        if (away && Environment.TickCount64 - _saidAway > AwayMilliseconds / 4)
        {
            _saidAway = Environment.TickCount64;
            await _state!.StayAwayAsync(AwayMilliseconds, cancellationToken);
        }
    }

    // Under the lock: what the row says now, not what it said when somebody began to wait.
    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        var (row, page) = (await _state!.ReadAsync(_follower.Position, true, cancellationToken))!.Value;
        var active = _active.Regime;
        if (_owed is { } owed && row.Regime.Holder == Holder.Database)
        {
            await MoveToDatabaseAsync(row, owed, cancellationToken);
        }
        else if (row.Regime.Holder == Holder.Database)
        {
            Enter(row, page);
        }
        else if (_redis is null || _redis.Circuit.IsOpen)
        {
            if (_redis is not null || IsInUse)
            {
                await MoveToDatabaseAsync(row, "this process cannot use Redis", cancellationToken);
            }
            else if (active.Holder != Holder.None)
            {
                // What it knows of the database is over, and there is nothing to be done until somebody asks.
                _follower.Suspend();
                Switch(Regime.None, null);
            }
        }
        else if (active.Holder == Holder.Redis && active.Generation > row.Regime.Generation)
        {
            // Redis lost what it had while the database was away.
            await _state.MoveAsync(row.Regime.Generation, active, 0, cancellationToken);
        }
        else if (active != row.Regime || _owed is not null)
        {
            await EnterRedisAsync(row, cancellationToken);
        }
    }

    private async Task MoveToDatabaseAsync(StateRow row, string reason, CancellationToken cancellationToken)
    {
        var to = Next(row.Regime.Generation, Holder.Database, row.Now);
        long away = (_redis is null ? IsInUse : _redis.Circuit.IsOpen) ? AwayMilliseconds : 0;
        if (await PayAsync(() => _state!.MoveAsync(row.Regime.Generation, to, away, cancellationToken)))
        {
            Begins(_logger, to.Generation, reason);
        }

        var (now, page) = (await _state!.ReadAsync(_follower.Position, true, cancellationToken))!.Value;
        if (now.Regime.Holder == Holder.Database)
        {
            Enter(now, page);
        }
    }

    private void Enter(StateRow row, LogPage page)
    {
        _follower.Begin(row.Regime, page, DatabaseLease);
        Switch(row.Regime, _databaseStore);
        Uses(_logger, "the database", row.Regime.Generation);
    }

    private Regime Next(long after, Holder holder, long now)
    {
        long generation = Math.Max(Math.Max(after, Positions.Generation(_follower.Position)) + 1, Positions.FirstGeneration(now));
        return new Regime(generation, holder, Positions.Of(generation, 0));
    }
}
