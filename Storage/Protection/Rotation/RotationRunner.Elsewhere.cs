using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>What is no column of records: kept answers and the archive. Of neither is it noted how far the work is: where it is stopped, it begins anew, and finds done what is done.</summary>
public sealed partial class RotationRunner
{
    // They may have a megabyte each.
    private const int MostAnswers = 100;

    private async Task<bool> KeptAnswersAsync(StoreContext context, KeyRotation rotation, string next, CancellationToken cancellationToken)
    {
        var rows = new KeptAnswerRows(context);
        var batch = new RotationBatch(fields, context, RotationPlace.KeptAnswers, rotation.EncryptClear);
        long looked = 0;
        KeptAnswerRow? last = null;
        while (await rows.ReadAsync(rotation.Owner, last, MostAnswers, cancellationToken) is { Count: > 0 } read)
        {
            var changes = batch.Renew(read);
            int replaced = changes.Count == 0 ? 0 : await rows.ReplaceAsync(changes, cancellationToken);
            if (!await CountAsync(context, rotation, changes.Count, replaced, cancellationToken))
            {
                return false;
            }

            (looked, last) = (looked + read.Count, read[^1]);
        }

        var problem = batch.Problem;
        return await Held(context, rotation).ExecuteUpdateAsync(
            s => s.SetProperty(r => r.Place, next).SetProperty(r => r.Position, Guid.Empty).SetProperty(r => r.RowsRead, r => r.RowsRead + looked)
                .SetProperty(r => r.RowsUnreadable, r => r.RowsUnreadable + batch.Unreadable).SetProperty(r => r.RowsInClear, r => r.RowsInClear + batch.InClear)
                .SetProperty(r => r.Problem, r => r.Problem ?? problem),
            cancellationToken) == 1;
    }

    // After the rows: retention writes to the archive what the rows have, so that from now on nothing under an old key gets there.
    private async Task<bool> ArchiveAsync(StoreContext context, KeyRotation rotation, CancellationToken cancellationToken)
    {
        if (services.GetService<ArchiveKeys>() is not { } archive)
        {
            return true;
        }

        foreach (var file in await archive.FilesAsync(context, rotation.Owner, cancellationToken))
        {
            int renewed = await archive.RenewAsync(context, file, rotation.EncryptClear, cancellationToken);
            if (!await CountAsync(context, rotation, 0, renewed, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    // Keeps the lease as well.
    private static async Task<bool> CountAsync(StoreContext context, KeyRotation rotation, int changed, int replaced, CancellationToken cancellationToken)
    {
        var until = context.Now() + LeaseTime;
        return await Held(context, rotation).ExecuteUpdateAsync(
            s => s.SetProperty(r => r.LeaseUntil, until).SetProperty(r => r.PassRows, r => r.PassRows + changed).SetProperty(r => r.RowsEncrypted, r => r.RowsEncrypted + replaced),
            cancellationToken) == 1;
    }
}
