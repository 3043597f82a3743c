using System.Data.Common;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Records.Direct;

/// <summary>The statements that read and add one record, written once for each model.</summary>
internal sealed class DirectStatement<T>
    where T : Record
{
    private static readonly ConditionalWeakTable<IModel, DirectStatement<T>> Statements = [];
    private readonly IProperty[] _properties;
    private readonly Func<T, object?>[] _values;
    private readonly string[] _names;
    private readonly string _find;
    private readonly string _insert;

    private DirectStatement(IModel model, StoreDialect dialect)
    {
        var entity = model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not part of the model.");
        _properties = [.. entity.GetProperties().Where(p => p.PropertyInfo is not null)];
        _values = [.. _properties.Select(Value)];
        // Both databases understand $1; Postgres takes parameters in order, SQLite by that name.
        _names = [.. Enumerable.Range(1, _properties.Length).Select(i => dialect == StoreDialect.Postgres ? "" : $"${i}")];
        var columns = string.Join(", ", _properties.Select(p => $"\"{p.GetColumnName()}\""));
        var table = entity.GetTableName();
        _find = $"SELECT {columns} FROM {table} WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL";
        _insert = $"INSERT INTO {table} ({columns}) VALUES ({string.Join(", ", Enumerable.Range(1, _properties.Length).Select(i => $"${i}"))})";
        Id = entity.FindProperty(nameof(Record.Id))!.GetRelationalTypeMapping();
        Tenant = entity.FindProperty(nameof(Record.Tenant))!.GetRelationalTypeMapping();
    }

    private RelationalTypeMapping Id { get; }

    private RelationalTypeMapping Tenant { get; }

    public static DirectStatement<T> For(StoreContext context) =>
        Statements.TryGetValue(context.Model, out var found) ? found : Statements.GetValue(context.Model, m => new DirectStatement<T>(m, context.Dialect));

    public DbCommand Find(DbConnection connection, Guid id, string? tenant)
    {
        var command = connection.CreateCommand();
        command.CommandText = _find;
        command.Parameters.Add(Id.CreateParameter(command, _names[0], id));
        command.Parameters.Add(Tenant.CreateParameter(command, _names[1], tenant, nullable: true));
        return command;
    }

    public DbCommand Insert(DbConnection connection, T record)
    {
        var command = connection.CreateCommand();
        command.CommandText = _insert;
        for (int i = 0; i < _properties.Length; i++)
        {
            command.Parameters.Add(_properties[i].GetRelationalTypeMapping().CreateParameter(command, _names[i], _values[i](record), _properties[i].IsNullable));
        }

        return command;
    }

    private static Func<T, object?> Value(IProperty property)
    {
        var record = Expression.Parameter(typeof(T));
        return Expression.Lambda<Func<T, object?>>(Expression.Convert(Expression.Property(record, property.PropertyInfo!), typeof(object)), record).Compile();
    }
}
