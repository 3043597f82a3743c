using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Imports.Streams;

/// <summary>
/// Loads rows from a stream that need not end, in micro-batches: by rows or by time, whichever comes first. One batch is committed while the next fills; when both
/// are full nothing more is read, so that a sender faster than the database is held back by its own connection.
/// </summary>
public sealed class StreamLoader(StoreContext context, ImportSettings imports, ImportDecryption decryption, TimeProvider time)
{
    /// <param name="plan">The target and how the rows fit it.</param>
    /// <param name="input">JSON Lines, UTF-8.</param>
    /// <param name="batches">When a batch is committed.</param>
    /// <param name="acknowledge">Called after each commit, in order.</param>
    /// <param name="stopping">Ends the reading in good order: the complete lines that were read are committed and acknowledged.</param>
    /// <param name="cancellationToken">Breaks off; what was committed stays.</param>
    public async Task LoadAsync(
        ImportPlan plan, Stream input, StreamSettings batches, Func<StreamAck, Task> acknowledge, CancellationToken stopping, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        using var keyHash = plan.HashesKey ? new KeyHash(context, plan.Target.Name) : null;
        using var binder = plan.Target.CreateBinder(plan);
        binder.KeyHash = keyHash;
        binder.CanSurvey = false;
        // A stream has no length that could be too much; what is kept of it at a time is bounded by its batches.
        await using var reader = decryption.Wrap(RowReaders.OpenJsonLines(input, imports.ReadOptions(plan.Options) with { MaxDecodedBytes = long.MaxValue }), plan.Options);
        long flushAt = imports.BatchBytes;
        var committing = Task.CompletedTask;
        var reading = reader.ReadAsync(ending.Token).AsTask();
        Task? due = null;
        try
        {
            while (true)
            {
                if (due is not null && !reading.IsCompleted)
                {
                    await Task.WhenAny(reading, due);
                }

                if (due is { IsCompleted: true } || binder.Rows >= batches.BatchRows || (binder.Rows > 0 && reader.Offset >= flushAt))
                {
                    flushAt = reader.Offset + imports.BatchBytes;
                    await committing;
                    committing = CommitAsync(binder.Take(null), acknowledge, cancellationToken);
                    due = null;
                }

                if (due is not null && !reading.IsCompleted)
                {
                    continue;
                }

                if (!await reading)
                {
                    break;
                }

                binder.Bind(reader);
                due ??= Task.Delay(TimeSpan.FromMilliseconds(batches.BatchMilliseconds), time, cancellationToken);
                reading = reader.ReadAsync(ending.Token).AsTask();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The sender learns from the last acknowledgement where to go on with the next server.
        }
        finally
        {
            await committing;
            if (binder.Rows > 0)
            {
                // A sender that breaks off still has its complete lines loaded; without an answer to read it learns of them when it asks.
                await CommitAsync(binder.Take(null), acknowledge, CancellationToken.None);
            }
        }
    }

    private async Task CommitAsync(ImportBatch batch, Func<StreamAck, Task> acknowledge, CancellationToken cancellationToken)
    {
        var (result, rejected) = await context.TransactAsync(ct => batch.WriteAsync(context, ct), cancellationToken);
        await acknowledge(new StreamAck(batch.LastLine, result.Inserted, result.Updated, result.Skipped, [.. rejected.Select(r => new StreamReject(r.Line, r.Column, r.Value, r.Reason))]));
    }
}
