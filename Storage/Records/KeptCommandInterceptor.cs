using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace CloudStore.Storage.Records;

/// <summary>
/// Has a context begin with a new command after its line to Postgres broke. The driver (10.0) keeps a connection's command for the next statement, and one that could not be sent while its
/// statement was being prepared keeps the mark of that. The next statement, on a whole line, would fail with a <see cref="NullReferenceException"/> in the midst of its answer, and the rest of
/// the answer would meet whoever has the line next: "Received backend message BindComplete while expecting ParseCompleteMessage".
/// </summary>
internal sealed class KeptCommandInterceptor : DbConnectionInterceptor, IDbCommandInterceptor
{
    public static readonly KeptCommandInterceptor Instance = new();

    // Noted when it happens: a context that goes back to its pool closes its connection, which then looks like any other.
    private static readonly ConditionalWeakTable<NpgsqlConnection, object> Broken = [];

    /// <inheritdoc/>
    public override DbConnection ConnectionCreated(ConnectionCreatedEventData eventData, DbConnection result)
    {
        result.StateChange += Note;
        return result;
    }

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

    /// <inheritdoc/>
    public InterceptionResult<DbCommand> CommandCreating(CommandCorrelatedEventData eventData, InterceptionResult<DbCommand> result)
    {
        // Statements of the context are made before the connection is opened for them.
        LeaveBroken((NpgsqlConnection)eventData.Connection!);
        return result;
    }

    private static void Note(object? sender, StateChangeEventArgs change)
    {
        if (sender is NpgsqlConnection { FullState: ConnectionState.Broken } connection)
        {
            Broken.AddOrUpdate(connection, Broken);
        }
    }

    private static void LeaveBroken(NpgsqlConnection connection)
    {
        if (Broken.Remove(connection))
        {
            // Gives the kept command; one that is not disposed of does not come back.
            _ = connection.CreateCommand();
        }
    }
}
