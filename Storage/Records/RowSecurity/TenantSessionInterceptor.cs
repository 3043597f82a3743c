using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace CloudStore.Storage.Records.RowSecurity;

/// <summary>Before a context uses a connection: sees to it that the session works for the context's tenant, or as the login role where it has none.</summary>
internal sealed class TenantSessionInterceptor(RowSecurityStatus status) : DbConnectionInterceptor
{
    /// <inheritdoc/>
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        var (session, tenant) = Wanted(connection, eventData);
        if (!session.IsFor(tenant))
        {
            session.Switch((NpgsqlConnection)connection, tenant);
        }
    }

    /// <inheritdoc/>
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        var (session, tenant) = Wanted(connection, eventData);
        return session.IsFor(tenant) ? Task.CompletedTask : session.SwitchAsync((NpgsqlConnection)connection, tenant, cancellationToken);
    }

    private (TenantSession Session, string? Tenant) Wanted(DbConnection connection, ConnectionEndEventData opened) =>
        (TenantSession.Of((NpgsqlConnection)connection), status.InForce ? ((StoreContext)opened.Context!).Tenant : null);
}
