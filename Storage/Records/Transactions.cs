using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CloudStore.Storage.Records;

/// <summary>Transactions that are tried again after a fault, and never committed twice.</summary>
internal static class Transactions
{
    /// <summary>
    /// Does work in a transaction of its own and commits it; where the line breaks, again from the start. A commit whose answer was lost is not repeated: Postgres is asked what became of
    /// the transaction (<c>pg_xact_status</c>, PostgreSQL documentation, section 9.27).
    /// </summary>
    /// <exception cref="RetryLimitExceededException">The database is away, or does not know yet: then the transaction may be committed.</exception>
    public static Task<T> TransactAsync<T>(this StoreContext context, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var strategy = context.Database.CreateExecutionStrategy();
        var attempt = new Attempt<T>(context, work, strategy.RetriesOnFailure);
        return strategy.ExecuteAsync(attempt, static (_, a, ct) => a.RunAsync(ct), static (_, a, ct) => a.LookAsync(ct), cancellationToken);
    }

    private sealed class Attempt<T>(StoreContext context, Func<CancellationToken, Task<T>> work, bool repeats)
    {
        // Empty until the commit is sent, and for a transaction that wrote nothing.
        private string _transaction = "";
        private T _result = default!;

        public async Task<T> RunAsync(CancellationToken cancellationToken)
        {
            _transaction = "";
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            _result = await work(cancellationToken);
            if (repeats)
            {
                _transaction = await AskAsync($"SELECT coalesce(pg_current_xact_id_if_assigned()::text, '') AS \"Value\"", cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return _result;
        }

        /// <summary>Whether the attempt that just failed was committed.</summary>
        public async Task<ExecutionResult<T>> LookAsync(CancellationToken cancellationToken)
        {
            if (_transaction.Length == 0)
            {
                return new ExecutionResult<T>(false, default!);
            }

            var status = await AskAsync($"SELECT coalesce(pg_xact_status({_transaction}::xid8), '') AS \"Value\"", cancellationToken);
            return status switch
            {
                "committed" => new ExecutionResult<T>(true, _result),
                "aborted" => new ExecutionResult<T>(false, default!),
                // A fault that passes: it is asked again.
                _ => throw new NpgsqlException("The database does not know yet what became of the transaction.", new TimeoutException()),
            };
        }

        private async Task<string> AskAsync(FormattableString question, CancellationToken cancellationToken) =>
            (await context.Database.SqlQuery<string>(question).ToListAsync(cancellationToken)).Single();
    }
}
