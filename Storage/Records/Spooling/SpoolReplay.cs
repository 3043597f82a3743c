using System.Collections.Concurrent;
using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records.Direct;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>
/// Applies what waits, oldest first. An entry and the note that it was applied are one transaction, so that one whose file could not be removed in time is
/// known and passed over.
/// </summary>
public sealed partial class SpoolReplay(Spool spool, IEnumerable<ISpoolTarget> targets, IServiceProvider services, TimeProvider time, ILogger<SpoolReplay> logger)
{
    /// <summary>Attempts at an entry that fail although the database is there.</summary>
    private const int MostFailures = 3;

    private readonly ConcurrentDictionary<Guid, int> _failures = [];

    /// <summary>Applies all that waits.</summary>
    /// <returns>How many entries were taken from the spool.</returns>
    /// <exception cref="Exception">The database went away: what was not reached waits on.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await spool.Turn.WaitAsync(cancellationToken);
        try
        {
            return await ApplyAllAsync(cancellationToken);
        }
        finally
        {
            spool.Turn.Release();
        }
    }

    /// <summary>Whether there is a database to apply it to.</summary>
    public async Task<bool> CanReachDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StoreContext>().Database.CanConnectAsync(cancellationToken);
    }

    private async Task<int> ApplyAllAsync(CancellationToken cancellationToken)
    {
        int taken = 0;
        foreach (var path in spool.Seal())
        {
            try
            {
                foreach (var entry in spool.Read(path))
                {
                    await ApplyAsync(entry, cancellationToken);
                    spool.Applied(entry);
                    taken++;
                }

                spool.Remove(path);
            }
            catch (Exception e) when (e is InvalidDataException or CryptographicException)
            {
                Damaged(logger, e, spool.SetAside(path));
            }
        }

        return taken;
    }

    private async Task ApplyAsync(SpoolEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            var target = targets.FirstOrDefault(t => t.Name == entry.Target)
                ?? throw new ProblemException(ProblemKind.Invalid, $"This version of the product has no '{entry.Target}' to apply it to.");
            await InTransactionAsync(entry, SpoolStatus.Applied, null, target.ApplyAsync, cancellationToken);
        }
        catch (ProblemException e) when (e.Kind.Status < 500)
        {
            spool.SetAside(entry);
            var reason = string.Join(" ", new[] { e.Message }.Concat(e.Errors.Select(x => $"{x.Field}: {x.Message}")).Distinct());
            await InTransactionAsync(entry, SpoolStatus.Refused, reason, null, cancellationToken);
            Refused(logger, entry.Id, entry.Target, reason);
        }
        catch (Exception e) when (e is not (OperationCanceledException or KeyInUseException) && StoreFailures.Explain(e) is null && _failures.AddOrUpdate(entry.Id, 1, (_, n) => n + 1) >= MostFailures)
        {
            // Not the database's absence: a fault that this entry meets each time must not hold up those behind it for good.
            Failed(logger, e, entry.Id, entry.Target);
            spool.SetAside(entry);
            await InTransactionAsync(entry, SpoolStatus.Refused, "The server failed to store it; its log has the cause.", null, cancellationToken);
        }
    }

    private async Task InTransactionAsync(SpoolEntry entry, SpoolStatus status, string? reason, Func<IServiceProvider, SpoolEntry, CancellationToken, Task>? apply, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(new Caller(entry.Tenant, entry.Actor, Role.Writer));
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        bool ended = await context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            context.ChangeTracker.Clear();
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            if (await context.Set<SpoolOutcome>().AnyAsync(o => o.Id == entry.Id, ct))
            {
                return false;
            }

            if (apply is not null)
            {
                if (await ErasureMark.CoversAsync(context, scope.ServiceProvider.GetRequiredService<ErasureKeyring>(), entry.ReceivedAt, targets.FirstOrDefault(t => t.Name == entry.Target)?.Subjects(entry) ?? [], ct))
                {
                    Erased(logger, entry.Id);
                    return false;
                }

                switch (entry.Key is null ? KeyClaim.Own : await SpooledKeyClaim.ClaimAsync(context, entry, ct))
                {
                    case KeyClaim.Own:
                        await apply(scope.ServiceProvider, entry, ct);
                        break;
                    case KeyClaim.OtherRequest:
                        throw IdempotencyStore.Mismatch(entry.Key!.Request.Key, entry.Key.Request.Route);
                    default:
                        break;
                }
            }
            else if (entry.Key is not null)
            {
                // Refused: repeats get the answer that says where to look.
                await SpooledKeyClaim.ClaimAsync(context, entry, ct);
            }

            var outcome = new SpoolOutcome { Id = entry.Id, Target = entry.Target, ReceivedAt = entry.ReceivedAt, Status = status, Reason = reason };
            context.Stamp(outcome);
            await context.InsertAsync(outcome, ct);
            await transaction.CommitAsync(ct);
            return true;
        }, cancellationToken);
        if (ended)
        {
            SpoolMetrics.Ended(status);
            Lag(logger, entry.Id, entry.Target, (time.GetUtcNow().UtcDateTime - entry.ReceivedAt).TotalSeconds);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Entry {Entry} for {Target} left the spool after {Seconds} s.")]
    private static partial void Lag(ILogger logger, Guid entry, string target, double seconds);

    [LoggerMessage(4, LogLevel.Information, "Entry {Entry} was dropped: whom it tells of was erased.")]
    private static partial void Erased(ILogger logger, Guid entry);

    [LoggerMessage(2, LogLevel.Warning, "Entry {Entry} for {Target} was refused and put aside: {Reason}")]
    private static partial void Refused(ILogger logger, Guid entry, string target, string reason);

    [LoggerMessage(5, LogLevel.Error, "Entry {Entry} for {Target} failed again and was put aside.")]
    private static partial void Failed(ILogger logger, Exception exception, Guid entry, string target);

    [LoggerMessage(3, LogLevel.Error, "A file of the spool cannot be read on; what came before was applied. It was put aside as {File}.")]
    private static partial void Damaged(ILogger logger, Exception exception, string file);
}
