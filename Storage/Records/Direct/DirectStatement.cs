using System.Data.Common;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Records.Direct;

/// <summary>The statements that read and add one record, written once for each model.</summary>
internal sealed class DirectStatement<T>
    where T : Record
{
    private static readonly ConditionalWeakTable<IModel, DirectStatement<T>> Statements = [];
    private readonly (RelationalTypeMapping Mapping, bool IsNullable, Func<T, object?> Value)[] _columns;
    private readonly RelationalTypeMapping _id;
    private readonly RelationalTypeMapping _tenant;
    private readonly string[] _names;
    private readonly string _find;
    private readonly string _insert;
    private readonly AuditStatement _audit;
    private readonly string _audited;

    private DirectStatement(BulkPlan<T> table, StoreDialect dialect, AuditStatement audit)
    {
        _columns = [.. table.Properties.Select(p => (p.GetRelationalTypeMapping(), p.IsNullable, Value(p)))];
        _id = table.Properties.Single(p => p.Name == nameof(Record.Id)).GetRelationalTypeMapping();
        _tenant = table.Properties.Single(p => p.Name == nameof(Record.Tenant)).GetRelationalTypeMapping();
        // Both databases understand $1; Postgres takes parameters in order, SQLite by that name.
        string[] numbers = [.. Enumerable.Range(1, _columns.Length).Select(i => $"${i}")];
        _names = dialect == StoreDialect.Postgres ? [.. numbers.Select(_ => "")] : numbers;
        var columns = string.Join(", ", table.Columns);
        _find = $"SELECT {columns} FROM {table.Table} WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL";
        _insert = $"INSERT INTO {table.Table} ({columns}) VALUES ({string.Join(", ", numbers)})";
        _audit = audit;
        _audited = audit.With(_insert, _columns.Length + 1);
    }

    public static DirectStatement<T> For(StoreContext context) =>
        Statements.TryGetValue(context.Model, out var found) ? found : Statements.GetValue(context.Model, _ => new DirectStatement<T>(BulkPlan<T>.For(context), context.Dialect, AuditStatement.For(context)));

    public DbCommand Find(DbConnection connection, Guid id, string? tenant)
    {
        var command = connection.CreateCommand();
        command.CommandText = _find;
        command.Parameters.Add(_id.CreateParameter(command, _names[0], id));
        command.Parameters.Add(_tenant.CreateParameter(command, _names[1], tenant, nullable: true));
        return command;
    }

    /// <param name="connection">An open one.</param>
    /// <param name="record">A stamped one.</param>
    /// <param name="audit">The event that goes with it; null for a type that is not audited.</param>
    public DbCommand Insert(DbConnection connection, T record, AuditEvent? audit)
    {
        var command = connection.CreateCommand();
        Fill(command, record, audit);
        return command;
    }

    /// <summary>Sets an empty command's text and parameters to those of <see cref="Insert"/>.</summary>
    public void Fill(DbCommand command, T record, AuditEvent? audit)
    {
        command.CommandText = audit is null ? _insert : _audited;
        for (int i = 0; i < _columns.Length; i++)
        {
            var (mapping, isNullable, value) = _columns[i];
            command.Parameters.Add(mapping.CreateParameter(command, _names[i], value(record), isNullable));
        }

        if (audit is not null)
        {
            _audit.Bind(command, audit, _columns.Length + 1);
        }
    }

    private static Func<T, object?> Value(IProperty property)
    {
        var record = Expression.Parameter(typeof(T));
        return Expression.Lambda<Func<T, object?>>(Expression.Convert(Expression.Property(record, property.PropertyInfo!), typeof(object)), record).Compile();
    }
}
