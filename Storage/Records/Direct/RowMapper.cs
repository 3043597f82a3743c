using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudStore.Storage.Records.Direct;

/// <summary>
/// Makes records of rows by one compiled method for all columns, with the conversions of Entity Framework's model. It reads straight from the driver: where
/// retries are on, Entity Framework copies each row into a buffer of its own first.
/// </summary>
internal sealed class RowMapper<T>
    where T : class
{
    // A statement for each set of filters and order; more than this many means that values got into the text.
    private const int MostStatements = 1000;
    private static readonly ConditionalWeakTable<IModel, RowMapper<T>> Mappers = [];
    private readonly ConcurrentDictionary<string, Func<DbDataReader, T>> _byStatement = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<IProperty> _properties;

    private RowMapper(IModel model) => _properties = [.. model.FindEntityType(typeof(T))!.GetProperties().Where(p => p.PropertyInfo is not null)];

    public static RowMapper<T> For(DbContext context) =>
        Mappers.TryGetValue(context.Model, out var found) ? found : Mappers.GetValue(context.Model, m => new RowMapper<T>(m));

    /// <summary>The method for the rows of a statement: which column stands where is a matter of its text.</summary>
    public Func<DbDataReader, T> For(string statement, DbDataReader reader)
    {
        if (_byStatement.TryGetValue(statement, out var map))
        {
            return map;
        }

        if (_byStatement.Count >= MostStatements)
        {
            _byStatement.Clear();
        }

        return _byStatement[statement] = Compile(reader);
    }

    private Func<DbDataReader, T> Compile(DbDataReader reader)
    {
        var row = Expression.Parameter(typeof(DbDataReader));
        var members = _properties.Select(p => Expression.Bind(p.PropertyInfo!, Read(row, reader.GetOrdinal(p.GetColumnName()), p)));
        return Expression.Lambda<Func<DbDataReader, T>>(Expression.MemberInit(Expression.New(typeof(T)), members), row).Compile();
    }

    private static Expression Read(ParameterExpression row, int column, IProperty property)
    {
        var mapping = property.GetRelationalTypeMapping();
        var ordinal = Expression.Constant(column);
        Expression value = mapping.CustomizeDataReaderExpression(Expression.Call(row, mapping.GetDataReaderMethod(), ordinal));
        if (mapping.Converter is { } converter)
        {
            value = Expression.Invoke(converter.ConvertFromProviderExpression, As(value, converter.ProviderClrType));
        }

        value = As(value, property.ClrType);
        return property.IsNullable
            ? Expression.Condition(Expression.Call(row, nameof(DbDataReader.IsDBNull), null, ordinal), Expression.Default(property.ClrType), value)
            : value;
    }

    private static Expression As(Expression value, Type type) => value.Type == type ? value : Expression.Convert(value, type);
}
