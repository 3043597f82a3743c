using System.Data.Common;
using CloudStore.Storage.Protection.Fields;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// A token is bound to its row. Rows that are going to replace stored ones therefore take those ones' ids, and the encrypted values that they do not set, before they are
/// written.
/// </summary>
internal static class StoredTokens
{
    /// <summary>Looks up the rows of the batch that are stored, locks them, and lets their successors adopt them.</summary>
    /// <param name="named">The properties that are replaced; null for all.</param>
    /// <returns>False where the type has no encrypted fields: nothing was looked up.</returns>
    public static async Task<bool> AdoptAsync<T>(StoreContext context, BulkPlan<T> plan, IReadOnlyList<T> rows, IReadOnlySet<string>? named, CancellationToken cancellationToken)
        where T : Record
    {
        if (ProtectedPlan<T>.Of(context) is not { } sealing)
        {
            return false;
        }

        var byKey = rows.ToDictionary(plan.ReadKey!, StringComparer.Ordinal);
        await using var command = Command(context, plan, sealing, "= ANY(@keys)", " ORDER BY 2 FOR UPDATE", byKey.Keys.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            sealing.Adopt(context, byKey[reader.GetString(1)], Stored(reader, sealing, context.Tenant!, reader.GetGuid(0)), ProtectedPlan.SubjectOf(reader.GetValue(2)), named);
        }

        return true;
    }

    /// <summary>The same for one row, on SQLite, whose one writer is the caller.</summary>
    public static void Adopt<T>(StoreContext context, BulkPlan<T> plan, T row, IReadOnlySet<string>? named)
        where T : Record
    {
        if (ProtectedPlan<T>.Of(context) is not { } sealing)
        {
            return;
        }

        using var command = Command(context, plan, sealing, "= @keys", "", plan.ReadKey!(row));
        using var reader = command.ExecuteReader();
        if (reader.Read())
        {
            var stored = Stored(reader, sealing, context.Tenant!, new Guid(reader.GetFieldValue<byte[]>(0), bigEndian: true));
            sealing.Adopt(context, row, stored, ProtectedPlan.SubjectOf(reader.GetValue(2)), named);
        }
    }

    private static DbCommand Command<T>(StoreContext context, BulkPlan<T> plan, ProtectedPlan<T> sealing, string condition, string end, object keys)
        where T : Record
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        var person = sealing.SubjectColumn is { } column ? $"\"{column}\"" : "''";
        command.CommandText = $"SELECT id, {plan.KeyColumn}, {person}{string.Concat(sealing.Groups.Select(g => $", \"{g.Column}\""))} FROM {plan.Table} "
            + $"WHERE tenant = @tenant AND {plan.KeyColumn} {condition} AND deleted_at IS NULL{end}";
        foreach (var (name, value) in ((string, object)[])[("@tenant", context.Tenant!), ("@keys", keys)])
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static T Stored<T>(DbDataReader reader, ProtectedPlan<T> sealing, string tenant, Guid id)
        where T : Record
    {
        var stored = Activator.CreateInstance<T>();
        (stored.Id, stored.Tenant) = (id, tenant);
        for (int i = 0; i < sealing.Groups.Length; i++)
        {
            sealing.Groups[i].SetToken(stored, reader.GetFieldValue<byte[]>(3 + i));
        }

        return stored;
    }
}
