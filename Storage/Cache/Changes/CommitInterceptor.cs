using System.Data.Common;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CloudStore.Storage.Cache.Changes;

/// <summary>Publishes what a transaction has written when it is committed, before whoever commits goes on; also when the commit's outcome is not known.</summary>
internal sealed class CommitInterceptor : DbTransactionInterceptor
{
    public static readonly CommitInterceptor Instance = new();

    /// <inheritdoc/>
    public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Publish(eventData);

    /// <inheritdoc/>
    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Publish(eventData);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) => Publish(eventData);

    /// <inheritdoc/>
    public override Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Publish(eventData);
        return Task.CompletedTask;
    }

    private static void Publish(TransactionEventData data) => (data.Context as StoreContext)?.Changes?.Publish();
}
