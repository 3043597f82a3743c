using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records.RowSecurity;

/// <summary>
/// Sets up row-level security on Postgres: the tenant's role, and for every table with a tenant the policy that shows that role one tenant's rows. What is
/// there is left alone. Several processes, and several databases of one server, may run it at once.
/// </summary>
/// <param name="context">One without a tenant: the tables' owner alone may do this.</param>
public sealed partial class RowSecurityMigrator(StoreContext context, RowSecurityStatus status, ILogger<RowSecurityMigrator> logger)
{
    // "cs-rows" in ASCII: any number will do that nobody else of this database locks.
    private const long LockId = 0x63732D726F7773;

    // The role is the server's, so other databases may make it, or take it, at the same moment; that shows as one of these errors and is as good.
    private const string RoleSql = $"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{TenantRole.Name}') THEN CREATE ROLE {TenantRole.Name} NOLOGIN; END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
        END $$;
        DO $$ BEGIN
            IF NOT pg_has_role(session_user, '{TenantRole.Name}', CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
                GRANT {TenantRole.Name} TO SESSION_USER;
            END IF;
        EXCEPTION WHEN undefined_object OR unique_violation OR internal_error OR insufficient_privilege THEN NULL;
        END $$
        """;

    /// <summary>Does what is missing. Where the login role may not make or use the tenant's role, one warning says what to grant.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken = default)
    {
        var tables = await SecuredTable.ReadAsync(context, cancellationToken);
        if (!tables.TrueForAll(t => t.MayUseRole))
        {
            await context.Database.ExecuteSqlRawAsync(RoleSql, cancellationToken);
            tables = await SecuredTable.ReadAsync(context, cancellationToken);
        }

        if (!tables.TrueForAll(IsDone))
        {
            await SecureAsync(cancellationToken);
            tables = await SecuredTable.ReadAsync(context, cancellationToken);
        }

        status.InForce = tables.TrueForAll(t => t.IsReady && t.MayUseRole);
        if (!status.InForce)
        {
            var login = await context.Database.SqlQuery<string>($"SELECT quote_ident(session_user) AS \"Value\"").SingleAsync(cancellationToken);
            NotInForce(logger, $"{(tables[0].HasRole ? "" : $"CREATE ROLE {TenantRole.Name} NOLOGIN; ")}GRANT {TenantRole.Name} TO {login};");
        }
    }

    /// <summary>True where <see cref="ApplyAsync"/> has run on this schema, whatever came of it; the process then knows whether security is in force.</summary>
    public async Task<bool> IsAppliedAsync(CancellationToken cancellationToken = default)
    {
        var tables = await SecuredTable.ReadAsync(context, cancellationToken);
        status.InForce = tables.TrueForAll(t => t.IsReady && t.MayUseRole);
        return tables.TrueForAll(t => t.Enabled);
    }

    // Security is enabled even where the role is missing: it does not touch the owner, and tells the processes that wait that this step is done.
    private static bool IsDone(SecuredTable table) => table.Enabled && (table.IsReady || !table.HasRole);

    private Task SecureAsync(CancellationToken cancellationToken) => context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
    {
        // One transaction for all tables: whoever looks sees none of it or all.
        await using var transaction = await context.Database.BeginTransactionAsync(ct);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockId})", ct);
        var tables = await SecuredTable.ReadAsync(context, ct);
        var sql = Missing(tables);
        if (sql.Length > 0)
        {
            await context.Database.ExecuteSqlRawAsync(sql, ct);
        }

        await transaction.CommitAsync(ct);
    }, cancellationToken);

    private static string Missing(List<SecuredTable> tables)
    {
        var sql = new StringBuilder();
        foreach (var schema in tables.Where(t => t.HasRole && !t.InReach).Select(t => t.SchemaName).Distinct())
        {
            sql.AppendLine($"GRANT USAGE ON SCHEMA {schema} TO {TenantRole.Name};");
        }

        foreach (var table in tables)
        {
            sql.Append(table.Enabled ? "" : $"ALTER TABLE {table.Relation} ENABLE ROW LEVEL SECURITY;\n");
            // Beside the query's own filter on the tenant the planner compares the two values once for a statement; a subselect would cost each more.
            sql.Append(table.HasPolicy || !table.HasRole ? "" : $"""
                CREATE POLICY tenant ON {table.Relation} TO {TenantRole.Name}
                    USING (tenant = current_setting('{TenantRole.Setting}', true)) WITH CHECK (tenant = current_setting('{TenantRole.Setting}', true));

                """);
            sql.Append(table.Granted || !table.HasRole ? "" : table.AppendOnly
                ? $"GRANT SELECT, INSERT ON {table.Relation} TO {TenantRole.Name}; REVOKE UPDATE, DELETE, TRUNCATE ON {table.Relation} FROM {TenantRole.Name};\n"
                : $"GRANT SELECT, INSERT, UPDATE, DELETE ON {table.Relation} TO {TenantRole.Name};\n");
        }

        return sql.ToString();
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Row-level security is not in force: the login role may not use the role " + TenantRole.Name + ". The queries' filters alone keep tenants apart. An administrator can run: {Sql} Then restart the service, the keeper first.")]
    private static partial void NotInForce(ILogger logger, string sql);
}
