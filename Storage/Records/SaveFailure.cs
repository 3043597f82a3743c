using CloudStore.ServiceDefaults.Problems;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CloudStore.Storage.Records;

/// <summary>Turns what a database says of a failed save into a problem the caller understands.</summary>
internal static class SaveFailure
{
    public static ProblemException? Explain(DbUpdateException failure, StoreContext context)
    {
        if (failure is DbUpdateConcurrencyException)
        {
            return new ProblemException(ProblemKind.Stale, "Somebody else changed the record in the meantime; read it again and repeat the change.", inner: failure);
        }

        if (!IsUniqueViolation(failure.InnerException))
        {
            return null;
        }

        var type = failure.Entries.Count > 0 ? failure.Entries[0].Metadata : null;
        var key = type?.FindAnnotation(ModelConventions.NaturalKeyAnnotation)?.Value as string;
        var field = key is null ? "id" : System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(key);
        var value = key is null ? null : failure.Entries[0].CurrentValues[key] as string;
        var named = value is null ? "this key" : $"the key '{value}'";
        return new ProblemException(ProblemKind.Conflict, $"A record with {named} exists.",
            [new ProblemError(field, "unique", $"A record with {named} exists.")], failure);
    }

    public static bool IsUniqueViolation(Exception? e) => e switch
    {
        PostgresException p => p.SqlState == PostgresErrorCodes.UniqueViolation,
        SqliteException { SqliteErrorCode: 19 } s => s.SqliteExtendedErrorCode is 2067 or 1555,
        _ => false,
    };
}
