using CloudStore.Storage.Protection.Audit;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records.RowSecurity;

/// <summary>How far row-level security is set up for a table, as the server's catalog says.</summary>
/// <param name="Name">As the model has it.</param>
/// <param name="Relation">As SQL has it, quoted where needed; null where there is no such table.</param>
/// <param name="SchemaName">Its schema, as SQL has it.</param>
/// <param name="Enabled">Rows are hidden from whoever is neither the owner nor named by a policy.</param>
/// <param name="HasRole">The tenant's role exists.</param>
/// <param name="MayUseRole">The login role can become it.</param>
/// <param name="InReach">The tenant's role can use the schema.</param>
/// <param name="HasPolicy">The tenant's role sees the rows of the session's tenant.</param>
/// <param name="Granted">The tenant's role can do what it should: read and add, and change and delete unless the table is append-only.</param>
/// <param name="AppendOnly">Nothing in it is changed or deleted on behalf of a tenant.</param>
internal sealed record SecuredTable(
    string Name, string? Relation, string? SchemaName, bool Enabled, bool HasRole, bool MayUseRole, bool InReach, bool HasPolicy, bool Granted, bool AppendOnly)
{
    public bool IsReady => Enabled && HasRole && InReach && HasPolicy && Granted;

    /// <summary>Every table whose rows have a tenant, from the model: a new area's are among them by themselves.</summary>
    public static string[] NamesOf(StoreContext context) =>
        [.. context.Model.GetEntityTypes().Where(e => e.FindProperty(nameof(Record.Tenant)) is not null).Select(e => e.GetTableName()!).Distinct().Order(StringComparer.Ordinal)];

    public static Task<List<SecuredTable>> ReadAsync(StoreContext context, CancellationToken cancellationToken)
    {
        var names = NamesOf(context);
        var appendOnly = context.Model.GetEntityTypes().Where(e => e.FindAnnotation(AuditModel.AppendOnlyAnnotation) is not null).Select(e => e.GetTableName()!).ToArray();
        // Before version 16 whoever is a member of a role can become it.
        return context.Database.SqlQuery<SecuredTable>($"""
            SELECT t.name AS "Name", c.oid::regclass::text AS "Relation", c.relnamespace::regnamespace::text AS "SchemaName",
                coalesce(c.relrowsecurity, false) AS "Enabled",
                r.oid IS NOT NULL AS "HasRole",
                coalesce(pg_has_role(session_user, r.oid, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END), false) AS "MayUseRole",
                coalesce(has_schema_privilege(r.oid, c.relnamespace, 'USAGE'), false) AS "InReach",
                p.oid IS NOT NULL AS "HasPolicy",
                coalesce(has_table_privilege(r.oid, c.oid, 'SELECT') AND has_table_privilege(r.oid, c.oid, 'INSERT')
                    AND has_table_privilege(r.oid, c.oid, 'UPDATE') <> t.append_only AND has_table_privilege(r.oid, c.oid, 'DELETE') <> t.append_only, false) AS "Granted",
                t.append_only AS "AppendOnly"
            FROM (SELECT name, name = ANY({appendOnly}) AS append_only FROM unnest({names}) AS n(name)) AS t
            LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(t.name))
            LEFT JOIN pg_roles r ON r.rolname = {TenantRole.Name}
            LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'tenant' AND r.oid = ANY (p.polroles)
            """).ToListAsync(cancellationToken);
    }
}
