using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace CloudStore.Storage.Records;

/// <summary>
/// Has a context begin with a new command after its line to Postgres broke. The driver (10.0) keeps a connection's command for the next statement, and one that could not be sent while its
/// statement was being prepared keeps the mark of that. The next statement, on a whole line, would fail with a <see cref="NullReferenceException"/> in the midst of its answer, and the rest of
/// the answer would meet whoever has the line next: "Received backend message BindComplete while expecting ParseCompleteMessage".
/// </summary>
internal sealed class KeptCommandInterceptor : DbConnectionInterceptor
{
    public static readonly KeptCommandInterceptor Instance = new();

    /// <inheritdoc/>
    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        LeaveBroken((NpgsqlConnection)connection);
        return result;
    }

    /// <inheritdoc/>
    public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        LeaveBroken((NpgsqlConnection)connection);
        return ValueTask.FromResult(result);
    }

    private static void LeaveBroken(NpgsqlConnection connection)
    {
        // A connection whose line broke stays like this until it is opened again.
        if (connection.FullState == ConnectionState.Broken)
        {
            // Gives the kept command; one that is not disposed of does not come back.
            _ = connection.CreateCommand();
        }
    }
}
