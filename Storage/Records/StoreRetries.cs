using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace CloudStore.Storage.Records;

/// <summary>
/// Runs what failed on Postgres for a passing reason again. Besides the driver's own list of those, a connection on which the driver lost its place in the protocol counts, which is seen
/// when many lines were cut at once: it has closed that connection (or finds it gone, with an exception of its own making), and another one works.
/// </summary>
internal sealed class StoreRetries(ExecutionStrategyDependencies dependencies, int retries, TimeSpan mostDelay) : NpgsqlRetryingExecutionStrategy(dependencies, retries, mostDelay, null)
{
    /// <inheritdoc/>
    protected override bool ShouldRetryOn(Exception? exception) =>
        base.ShouldRetryOn(exception) || exception is (NpgsqlException { InnerException: null } and not PostgresException) or NullReferenceException { Source: "Npgsql" };
}
