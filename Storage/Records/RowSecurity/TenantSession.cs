using System.Runtime.CompilerServices;
using System.Transactions;
using Npgsql;
using NpgsqlTypes;

namespace CloudStore.Storage.Records.RowSecurity;

/// <summary>
/// Which tenant a server session works for. Connections go back to the pool as they are, so whoever opens one looks here and sends a statement only where the
/// session works for somebody else. What is not known for certain counts as wrong.
/// </summary>
internal sealed class TenantSession
{
    private const string Sql = "SELECT set_config('role', $1, false), set_config('" + TenantRole.Setting + "', $2, false)";

    // Keyed by the object that holds the session's parameters: it is made with the physical connection and dies with it, while a process id comes again.
    private static readonly ConditionalWeakTable<object, TenantSession> Sessions = [];
    private bool _known;
    private string? _tenant;

    /// <summary>True where statements run as <see cref="TenantRole.Name"/>.</summary>
    public bool InTenantRole => _tenant is not null;

    /// <param name="connection">An open one.</param>
    public static TenantSession Of(NpgsqlConnection connection) => Sessions.GetValue(connection.PostgresParameters, static _ => new TenantSession());

    /// <summary>True where the session is known to work for that tenant; null stands for the login role.</summary>
    public bool IsFor(string? tenant) => _known && string.Equals(_tenant, tenant, StringComparison.Ordinal);

    /// <summary>Makes the session work for a tenant, or as the login role. After a failure the connection is closed.</summary>
    public void Switch(NpgsqlConnection connection, string? tenant)
    {
        (_known, _tenant) = (false, tenant);
        try
        {
            using var command = Command(connection, tenant);
            command.ExecuteNonQuery();
        }
        catch
        {
            connection.Close();
            throw;
        }

        _known = IsKept();
    }

    /// <inheritdoc cref="Switch"/>
    public async Task SwitchAsync(NpgsqlConnection connection, string? tenant, CancellationToken cancellationToken)
    {
        (_known, _tenant) = (false, tenant);
        try
        {
            await using var command = Command(connection, tenant);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch
        {
            // Entity Framework asks for the role only when it opens a connection: one left open would be used as it is at the next attempt.
            await connection.CloseAsync();
            throw;
        }

        _known = IsKept();
    }

    // An ambient transaction takes the settings back when it is rolled back.
    private static bool IsKept() => Transaction.Current is null;

    private static NpgsqlCommand Command(NpgsqlConnection connection, string? tenant) => new(Sql, connection)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = tenant is null ? "none" : TenantRole.Name, NpgsqlDbType = NpgsqlDbType.Text },
            new NpgsqlParameter<string> { TypedValue = tenant ?? "", NpgsqlDbType = NpgsqlDbType.Text },
        },
    };
}
