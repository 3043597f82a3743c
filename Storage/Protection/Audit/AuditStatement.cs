using System.Data.Common;
using System.Runtime.CompilerServices;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>The statement that adds an event, alone or in one command with the change it tells of.</summary>
internal sealed class AuditStatement
{
    private static readonly ConditionalWeakTable<IModel, AuditStatement> Statements = [];
    private readonly (RelationalTypeMapping Mapping, bool IsNullable, Func<AuditEvent, object?> Value)[] _columns;
    private readonly StoreDialect _dialect;
    private readonly string _names;

    private AuditStatement(IModel model, StoreDialect dialect)
    {
        var properties = model.FindEntityType(typeof(AuditEvent))!.GetProperties().Where(p => p.Name != nameof(AuditEvent.Sequence)).ToList();
        _columns = [.. properties.Select(p => (p.GetRelationalTypeMapping(), p.IsNullable, new Func<AuditEvent, object?>(p.PropertyInfo!.GetValue)))];
        _names = string.Join(", ", properties.Select(p => p.GetColumnName()));
        _dialect = dialect;
    }

    public static AuditStatement For(StoreContext context) =>
        Statements.TryGetValue(context.Model, out var found) ? found : Statements.GetValue(context.Model, m => new AuditStatement(m, context.Dialect));

    /// <param name="first">The number of its first parameter.</param>
    public string Sql(int first) => $"INSERT INTO {AuditEvent.Table} ({_names}) VALUES ({string.Join(", ", Enumerable.Range(first, _columns.Length).Select(i => $"${i}"))})";

    /// <summary>
    /// A statement and the event of what it does, as one command. On Postgres it is one statement and so a transaction by itself; on SQLite two, for which the
    /// caller has a transaction.
    /// </summary>
    public string With(string sql, int first) => _dialect == StoreDialect.Postgres ? $"WITH audited AS ({Sql(first)}) {sql}" : $"{sql}; {Sql(first)}";

    public void Bind(DbCommand command, AuditEvent e, int first)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            var (mapping, isNullable, value) = _columns[i];
            // Postgres takes parameters in order, SQLite by that name.
            command.Parameters.Add(mapping.CreateParameter(command, _dialect == StoreDialect.Postgres ? "" : $"${first + i}", value(e), isNullable));
        }
    }

    /// <summary>
    /// Adds the event on the context's connection, in its transaction if it has one. What changed records otherwise than by saving and bulk is noted here, so that this is also where
    /// the cache hears of it.
    /// </summary>
    public static async Task AddAsync(StoreContext context, AuditEvent e, CancellationToken cancellationToken)
    {
        var statement = For(context);
        if (e.RecordType is { } table && e.Action is AuditAction.Create or AuditAction.Update or AuditAction.Upsert or AuditAction.Delete or AuditAction.Restore or AuditAction.Purge or AuditAction.Erase)
        {
            context.Changes?.Add(e.Tenant, table, addedOnly: e.Action == AuditAction.Create);
        }

        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = statement.Sql(1);
            command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
            statement.Bind(command, e, 1);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
            context.PublishChanges();
        }
    }
}
