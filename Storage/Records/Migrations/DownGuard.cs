using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace CloudStore.Storage.Records.Migrations;

/// <summary>
/// Keeps a migration from being taken back while the installation's secrets are encrypted in a column that would go with it: the version before could not read them and would make others, so that
/// the audit's signatures, cursors and erasure marks would hold no longer, and nothing would bring the old ones back.
/// </summary>
internal static class DownGuard
{
    private const string Message = "The schema cannot go back: the secrets of the installation are encrypted in store_secrets.token, which the version before does not know. "
        + "Restore a backup of the database from before the migration instead.";

    public static SqlOperation OnPostgres => new()
    {
        Sql = $"DO $$ BEGIN IF EXISTS (SELECT 1 FROM store_secrets WHERE token IS NOT NULL) THEN RAISE EXCEPTION '{Message}'; END IF; END $$;",
    };

    // Only triggers may raise an error; all of it is in the migration's transaction.
    public static SqlOperation OnSqlite => new()
    {
        Sql = $"CREATE TEMP TRIGGER keeps_secrets BEFORE UPDATE ON store_secrets BEGIN SELECT RAISE(ABORT, '{Message}'); END; "
            + "UPDATE store_secrets SET token = token WHERE token IS NOT NULL; DROP TRIGGER keeps_secrets;",
    };
}
