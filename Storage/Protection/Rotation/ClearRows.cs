using System.Data.Common;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>
/// Moves values that older versions wrote in clear into tokens, and empties their columns: a batch in each transaction, whoever's rows they are, deleted ones included. What is left
/// is what has no token, so that a run which is killed loses nothing and the next one goes on. A row that somebody else has sealed meanwhile stays as it is.
/// </summary>
public sealed class ClearRows(IServiceProvider services, FieldCipher fields, IOptions<Keys.ProtectionOptions> options)
{
    private readonly FieldWriter _writer = new();

    /// <summary>Moves all there is. Nothing is moved while protection is turned off.</summary>
    /// <returns>How many rows.</returns>
    public async Task<long> MoveAsync(CancellationToken cancellationToken = default)
    {
        if (!fields.Enabled)
        {
            return 0;
        }

        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        long moved = 0;
        foreach (var place in ClearPlace.All(context))
        {
            long ofPlace = 0;
            while (await context.Database.CreateExecutionStrategy().ExecuteAsync(ct => BatchAsync(context, place, ct), cancellationToken) is > 0 and var rows)
            {
                ofPlace += rows;
            }

            if (ofPlace > 0)
            {
                // Until then the database keeps the rows' former versions.
                await FormerVersions.RemoveAsync(context, place.Table, cancellationToken);
            }

            moved += ofPlace;
        }

        return moved;
    }

    private async Task<int> BatchAsync(StoreContext context, ClearPlace place, CancellationToken cancellationToken)
    {
        int rows = 0;
        await FormerVersions.OverwriteAsync(context, async ct =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(ct);
            var read = await ReadAsync(context, place, ct);
            await ReplaceAsync(context, place, read, ct);
            await transaction.CommitAsync(ct);
            rows = read.Count;
        }, cancellationToken);
        return rows;
    }

    private async Task<List<(object Id, byte[] Token)>> ReadAsync(StoreContext context, ClearPlace place, CancellationToken cancellationToken)
    {
        // Locked, so that none of them is sealed by somebody else before it is here; whoever has one locked has sealed it by then.
        var hold = context.Dialect == StoreDialect.Postgres ? " FOR NO KEY UPDATE" : "";
        await using var command = Command(context,
            $"SELECT id, tenant, {Quoted(place.ClearColumns)} FROM {place.Table} WHERE \"{place.Column}\" IS NULL ORDER BY id LIMIT {options.Value.RotationBatchRows}{hold}");
        var clear = new List<(object Id, string Tenant, byte[] Values)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                clear.Add((reader.GetValue(0), reader.GetString(1), Encode(reader, place.ClearColumns.Count)));
            }
        }

        // Keys are read, and made, on the same connection: the rows' reader is done with it by now.
        return [.. clear.Select(r => (r.Id, fields.Seal(new FieldPlace(r.Tenant, place.Table, place.Column), IdOf(r.Id), r.Values, "", context)))];
    }

    private static async Task ReplaceAsync(StoreContext context, ClearPlace place, List<(object Id, byte[] Token)> rows, CancellationToken cancellationToken)
    {
        var cleared = string.Concat(place.ClearColumns.Select(c => $", \"{c}\" = ''"));
        await using var command = Command(context, $"UPDATE {place.Table} SET \"{place.Column}\" = @token{cleared} WHERE id = @id AND \"{place.Column}\" IS NULL");
        var (id, token) = (command.CreateParameter(), command.CreateParameter());
        (id.ParameterName, token.ParameterName) = ("@id", "@token");
        command.Parameters.AddRange(new[] { id, token });
        foreach (var row in rows)
        {
            (id.Value, token.Value) = row;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private byte[] Encode(DbDataReader reader, int values)
    {
        _writer.Start(values);
        for (int i = 0; i < values; i++)
        {
            if (reader.IsDBNull(2 + i))
            {
                _writer.Null();
            }
            else
            {
                _writer.Write(reader.GetString(2 + i));
            }
        }

        var encoded = _writer.Finish().ToArray();
        _writer.Clear();
        return encoded;
    }

    private static Guid IdOf(object id) => id is byte[] bytes ? new Guid(bytes, bigEndian: true) : (Guid)id;

    private static string Quoted(IEnumerable<string> columns) => string.Join(", ", columns.Select(c => $"\"{c}\""));

    private static DbCommand Command(StoreContext context, string sql)
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        return command;
    }
}
