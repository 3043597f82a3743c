using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
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

        var entry = failure.Entries.Count > 0 ? failure.Entries[0] : null;
        return Taken(entry?.Metadata, entry?.Entity, failure);
    }

    /// <summary>The problem of a record whose key another record has.</summary>
    public static ProblemException Taken(IEntityType? type, object? record, Exception failure)
    {
        var key = type?.FindAnnotation(ModelConventions.NaturalKeyAnnotation)?.Value as string;
        var field = key is null ? "id" : System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(key);
        var value = key is null || record is null ? null : type!.FindProperty(key)!.PropertyInfo!.GetValue(record) as string;
        var named = value is null ? "this key" : $"the key '{value}'";
        return new ProblemException(ProblemKind.Conflict, $"A record with {named} exists.",
            [new ProblemError(field, "unique", $"A record with {named} exists.")], failure);
    }

    public static bool IsUniqueViolation(Exception? e) => e switch
    {
        PostgresException p => p.SqlState == PostgresErrorCodes.UniqueViolation && p.TableName != AuditEvent.Table,
        SqliteException { SqliteErrorCode: 19 } s => s.SqliteExtendedErrorCode is 2067 or 1555,
        _ => false,
    };
}
