using System.Net.Sockets;
using Azure;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>Failures of databases and disks that pass, or that an operator can mend.</summary>
public static class StoreFailures
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    // SQLite's primary result codes: https://www.sqlite.org/rescode.html
    private const int SqliteBusy = 5, SqliteLocked = 6, SqliteFull = 13, SqliteCannotOpen = 14;

    // ENOSPC, and EDQUOT of Linux and macOS, as .NET passes them on; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL of Windows.
    private const int NoSpace = 28, QuotaLinux = 122, QuotaMac = 69, HandleDiskFull = unchecked((int)0x80070027), DiskFull = unchecked((int)0x80070070);

    // Azure's client, where no answer came at all.
    private const int NoAnswer = 0;

    /// <summary>True where the database server cannot be reached at all, so that nothing was done.</summary>
    public static bool IsDatabaseAway(Exception e) => e switch
    {
        PostgresException p => p.SqlState.StartsWith("57P", StringComparison.Ordinal) || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: SocketException or IOException or TimeoutException or EndOfStreamException } => true,
        RetryLimitExceededException { InnerException: { } inner } => IsDatabaseAway(inner),
        _ => false,
    };

    /// <summary>What a caller is told; null where the failure is none of a store that is away, busy or full.</summary>
    public static ProblemException? Explain(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Full(e),
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => Away("The database did not finish in time.", e),
        NpgsqlException { IsTransient: true } or NpgsqlException { InnerException: SocketException or IOException or TimeoutException } =>
            Away("The database does not answer.", e),
        RetryLimitExceededException => Away("The database does not answer.", e),
        SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => Away("The database is busy with another writer.", e),
        SqliteException { SqliteErrorCode: SqliteCannotOpen } => Away("The database file cannot be opened.", e),
        SqliteException { SqliteErrorCode: SqliteFull } => Full(e),
        IOException { HResult: NoSpace or QuotaLinux or QuotaMac or HandleDiskFull or DiskFull } => Full(e),
        RequestFailedException { Status: NoAnswer or 408 or 429 or >= 500 } => Away("The file storage does not answer.", e),
        // What Azure's client throws when all its attempts failed.
        AggregateException { InnerExceptions: [RequestFailedException last, ..] } => Explain(last),
        OperationCanceledException => Away("The server stopped working on this request.", e),
        _ => null,
    };

    private static ProblemException Away(string detail, Exception inner) => new(ProblemKind.Unavailable, detail, inner: inner) { RetryAfter = Wait };

    private static ProblemException Full(Exception inner) => new(ProblemKind.InsufficientStorage, "There is no room left in the store.", inner: inner);
}
