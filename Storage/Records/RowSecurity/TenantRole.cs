using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CloudStore.Storage.Records.RowSecurity;

/// <summary>The database role that sees one tenant's rows, and the setting that says whose. The login role owns the tables and sees all rows.</summary>
internal static class TenantRole
{
    /// <summary>One for all databases of a server: roles are the server's, not a database's.</summary>
    public const string Name = "cloudstore_tenant";

    /// <summary>The session setting that the policies compare a row's tenant with.</summary>
    public const string Setting = "cloudstore.tenant";

    /// <summary>
    /// Makes the rest of the transaction run as the login role, for what row-level security cannot do (COPY) or what concerns all tenants. The transaction's
    /// end, and a rollback to a savepoint set before, bring the tenant's role back, as <see cref="ReturnAsync"/> does. The query filters stay.
    /// </summary>
    /// <param name="context">One in a transaction.</param>
    /// <returns>False where the transaction runs in no tenant's role, so that nothing was sent.</returns>
    public static async Task<bool> LeaveAsync(StoreContext context, CancellationToken cancellationToken)
    {
        if (context.Database.GetDbConnection() is not NpgsqlConnection connection || !TenantSession.Of(connection).InTenantRole)
        {
            return false;
        }

        await ExecuteAsync(connection, "SET LOCAL ROLE none", cancellationToken);
        return true;
    }

    /// <summary>Ends what <see cref="LeaveAsync"/> began, within the same transaction.</summary>
    public static Task ReturnAsync(StoreContext context, CancellationToken cancellationToken) =>
        ExecuteAsync((NpgsqlConnection)context.Database.GetDbConnection(), $"SET LOCAL ROLE {Name}", cancellationToken);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
