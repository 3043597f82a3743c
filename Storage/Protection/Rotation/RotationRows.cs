using System.Data.Common;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>A row's token.</summary>
/// <param name="Id">The row's id in what the token is bound to.</param>
/// <param name="Subject">The person the row is about; empty where there is none.</param>
internal record TokenRow(Guid Id, string Tenant, string Subject, byte[] Token);

/// <summary>Reads and replaces tokens in the database, whoever's and whether the row is deleted or not. A token is replaced only where it still is what was read.</summary>
internal sealed class RotationRows(StoreContext context, RotationPlace place)
{
    /// <summary>The next rows in the order of ids.</summary>
    /// <param name="tenant">Whose; empty for all tenants'.</param>
    public async Task<List<TokenRow>> ReadAsync(string tenant, Guid after, int most, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"SELECT id, tenant, {(place.SubjectColumn is { } subject ? $"\"{subject}\"" : "''")}, \"{place.Column}\" FROM {place.Table} "
            + $"WHERE id > @after AND \"{place.Column}\" IS NOT NULL{(tenant.Length > 0 ? " AND tenant = @tenant" : "")} ORDER BY id LIMIT {most}",
            ("@after", Encode(after)), ("@tenant", tenant));
        var rows = new List<TokenRow>(most);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new TokenRow(Id(reader, 0), reader.GetString(1), ProtectedPlan.SubjectOf(reader.GetValue(2)), await reader.GetFieldValueAsync<byte[]>(3, cancellationToken)));
        }

        return rows;
    }

    /// <returns>How many were replaced; the others had changed in the meantime.</returns>
    public async Task<int> ReplaceAsync(IReadOnlyList<(TokenRow Row, byte[] Token)> changes, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return 0;
        }

        if (context.Dialect == StoreDialect.Postgres)
        {
            // Rows that somebody is writing are left for the next pass: who never waits is in nobody's deadlock.
            await using var all = Command(
                $"WITH free AS MATERIALIZED (SELECT id FROM {place.Table} WHERE id = ANY(@ids) FOR NO KEY UPDATE SKIP LOCKED) UPDATE {place.Table} AS kept SET \"{place.Column}\" = fresh.token "
                + $"FROM unnest(@ids, @old, @new) AS fresh(id, old, token) JOIN free ON free.id = fresh.id WHERE kept.id = fresh.id AND kept.\"{place.Column}\" = fresh.old",
                ("@ids", changes.Select(c => c.Row.Id).ToArray()), ("@old", changes.Select(c => c.Row.Token).ToArray()), ("@new", changes.Select(c => c.Token).ToArray()));
            return await all.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var one = Command($"UPDATE {place.Table} SET \"{place.Column}\" = @new WHERE id = @id AND \"{place.Column}\" = @old", ("@id", ""), ("@old", ""), ("@new", ""));
        int replaced = 0;
        foreach (var (row, token) in changes)
        {
            one.Parameters[0].Value = Encode(row.Id);
            one.Parameters[1].Value = row.Token;
            one.Parameters[2].Value = token;
            replaced += await one.ExecuteNonQueryAsync(cancellationToken);
        }

        return replaced;
    }

    private DbCommand Command(string sql, params (string Name, object Value)[] parameters)
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private object Encode(Guid id) => context.Dialect == StoreDialect.Sqlite ? id.ToByteArray(bigEndian: true) : id;

    private Guid Id(DbDataReader reader, int column) =>
        context.Dialect == StoreDialect.Sqlite ? new Guid(reader.GetFieldValue<byte[]>(column), bigEndian: true) : reader.GetGuid(column);
}
