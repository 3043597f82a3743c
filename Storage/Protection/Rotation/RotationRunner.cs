using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>
/// Re-encrypts rows, a batch in each transaction, in the order of their ids. Several processes may do so at once without harm, because a token is replaced only while it is the one
/// that was read; a lease sees to it that mostly one does. The archive follows when no row carries an old key any more.
/// </summary>
public sealed partial class RotationRunner(IServiceProvider services, FieldCipher fields, IOptions<ProtectionOptions> options, TimeProvider time)
{
    /// <summary>How long a run that stopped without a word is waited for.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);

    // After every name of a table in the order of their characters.
    private const string BehindAll = "~";

    /// <summary>The oldest rotation that nobody works on; null where there is none.</summary>
    public async Task<KeyRotation?> FindWaitingAsync(CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var now = context.Now();
        return await context.Set<KeyRotation>().AsNoTracking().Where(r => r.State == RotationState.Running && (r.LeaseUntil == null || r.LeaseUntil < now)).OrderBy(r => r.CreatedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Takes a rotation up, from whoever has it, and works on it to its end.</summary>
    /// <param name="progress">Told of each batch, and what a pass waits for.</param>
    /// <returns>False where another process took it over.</returns>
    public async Task<bool> RunAsync(Guid id, IProgress<KeyRotation>? progress = null, CancellationToken cancellationToken = default)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var lease = RecordId.Next(time);
        var until = context.Now() + LeaseTime;
        await context.Set<KeyRotation>().Where(r => r.Id == id && r.State == RotationState.Running)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.Lease, lease).SetProperty(r => r.LeaseUntil, until), cancellationToken);
        fields.Keys.Forget();
        var places = RotationPlace.All(context);
        while (await HeldAsync(context, id, lease, cancellationToken) is { } rotation)
        {
            progress?.Report(rotation);
            var place = places.Find(p => string.CompareOrdinal(p.Name, rotation.Place) >= 0);
            bool held = place is null ? await EndPassAsync(context, rotation, progress, cancellationToken)
                : place == RotationPlace.KeptAnswers ? await KeptAnswersAsync(context, rotation, Behind(place, places), cancellationToken)
                : await BatchAsync(context, rotation, place, places, cancellationToken);
            if (!held)
            {
                return false;
            }
        }

        return await context.Set<KeyRotation>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is { State: RotationState.Succeeded } done && Told(progress, done);
    }

    private static bool Told(IProgress<KeyRotation>? progress, KeyRotation rotation)
    {
        progress?.Report(rotation);
        return true;
    }

    private static Task<KeyRotation?> HeldAsync(StoreContext context, Guid id, Guid lease, CancellationToken cancellationToken) =>
        context.Set<KeyRotation>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.Lease == lease && r.State == RotationState.Running, cancellationToken);

    private Task<bool> BatchAsync(StoreContext context, KeyRotation rotation, RotationPlace place, List<RotationPlace> places, CancellationToken cancellationToken) =>
        context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            var rows = new RotationRows(context, place);
            bool fresh = place.Name != rotation.Place;
            int most = options.Value.RotationBatchRows;
            var read = await rows.ReadAsync(rotation.Owner, fresh ? Guid.Empty : rotation.Position, most, ct);
            var batch = new RotationBatch(fields, context, place, rotation.EncryptClear);
            var changes = batch.Renew(read);
            int replaced = await rows.ReplaceAsync(changes, ct);

            // Behind the last row of a place the next begins; behind the last place of all the pass ends.
            bool atEnd = read.Count < most;
            var next = atEnd ? Behind(place, places) : place.Name;
            var position = atEnd ? Guid.Empty : read[^1].Id;
            var (until, problem) = (context.Now() + LeaseTime, batch.Problem);
            int held = await Held(context, rotation).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.Place, next).SetProperty(r => r.Position, position).SetProperty(r => r.LeaseUntil, until)
                    .SetProperty(r => r.RowsRead, r => r.RowsRead + read.Count).SetProperty(r => r.RowsEncrypted, r => r.RowsEncrypted + replaced)
                    .SetProperty(r => r.PassRows, r => r.PassRows + changes.Count).SetProperty(r => r.RowsUnreadable, r => r.RowsUnreadable + batch.Unreadable)
                    .SetProperty(r => r.RowsInClear, r => r.RowsInClear + batch.InClear).SetProperty(r => r.Problem, r => r.Problem ?? problem),
                ct);
            if (held == 0)
            {
                return false;
            }

            await transaction.CommitAsync(ct);
            return true;
        }, cancellationToken);

    private static string Behind(RotationPlace place, List<RotationPlace> places) => places.ElementAtOrDefault(places.IndexOf(place) + 1)?.Name ?? BehindAll;

    private static IQueryable<KeyRotation> Held(StoreContext context, KeyRotation rotation)
    {
        var (id, lease) = (rotation.Id, rotation.Lease);
        return context.Set<KeyRotation>().Where(r => r.Id == id && r.Lease == lease && r.State == RotationState.Running);
    }

    /// <summary>
    /// Done where a pass that began after everybody must have noticed the new keys found nothing left. Otherwise another pass follows: a process may have written with an old key
    /// behind this one's back until then.
    /// </summary>
    private async Task<bool> EndPassAsync(StoreContext context, KeyRotation rotation, IProgress<KeyRotation>? progress, CancellationToken cancellationToken)
    {
        var settled = rotation.CreatedAt + TimeSpan.FromSeconds(options.Value.KeyCacheSeconds + 1);
        if (rotation.PassRows == 0 && rotation.PassStartedAt >= settled)
        {
            if (!await ArchiveAsync(context, rotation, cancellationToken))
            {
                return false;
            }

            var finished = context.Now();
            return await Held(context, rotation).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, RotationState.Succeeded).SetProperty(r => r.FinishedAt, finished).SetProperty(r => r.Lease, (Guid?)null)
                    .SetProperty(r => r.LeaseUntil, (DateTime?)null),
                cancellationToken) == 1;
        }

        if (!await SettleAsync(context, rotation, settled, progress, cancellationToken))
        {
            return false;
        }

        var now = context.Now();
        var until = now + LeaseTime;
        return await Held(context, rotation).ExecuteUpdateAsync(
            s => s.SetProperty(r => r.Pass, r => r.Pass + 1).SetProperty(r => r.PassStartedAt, now).SetProperty(r => r.PassRows, 0).SetProperty(r => r.RowsRead, 0)
                .SetProperty(r => r.RowsUnreadable, 0).SetProperty(r => r.RowsInClear, 0).SetProperty(r => r.Problem, (string?)null)
                .SetProperty(r => r.Place, "").SetProperty(r => r.Position, Guid.Empty).SetProperty(r => r.LeaseUntil, until),
            cancellationToken) == 1;
    }
}
