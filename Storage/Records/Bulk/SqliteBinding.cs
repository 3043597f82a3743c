using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.EntityFrameworkCore.Metadata;
using SQLitePCL;
using static SQLitePCL.raw;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// Binds a row's columns to the parameters 1.. of a statement, with one compiled method; values are encoded as <see cref="SqliteEncoding"/> says. A parameter keeps
/// its value from step to step, so only what differs from the row before is bound: half of the columns of most tables are the same in row after row.
/// </summary>
internal sealed class SqliteBinding<T>
    where T : Record
{
    private static readonly ConditionalWeakTable<BulkPlan<T>, Action<sqlite3_stmt, T, T?>> Compiled = [];
    private readonly sqlite3_stmt _statement;
    private readonly Action<sqlite3_stmt, T, T?> _bind;
    private T? _last;

    /// <param name="statement">A new one, to which nobody else binds.</param>
    public SqliteBinding(BulkPlan<T> plan, sqlite3_stmt statement) => (_statement, _bind) = (statement, Compiled.GetValue(plan, Compile));

    public void Bind(T row)
    {
        _bind(_statement, row, _last);
        _last = row;
    }

    private static Action<sqlite3_stmt, T, T?> Compile(BulkPlan<T> plan)
    {
        var statement = Expression.Parameter(typeof(sqlite3_stmt));
        var row = Expression.Parameter(typeof(T));
        var last = Expression.Parameter(typeof(T));
        var isFirst = Expression.ReferenceEqual(last, Expression.Constant(null, typeof(T)));
        var calls = plan.Properties.Select((p, i) => Expression.IfThen(
            Expression.OrElse(isFirst, Expression.Not(Same(Expression.Property(row, p.PropertyInfo!), Expression.Property(last, p.PropertyInfo!)))),
            BindOne(statement, i + 1, Expression.Property(row, p.PropertyInfo!), p)));
        return Expression.Lambda<Action<sqlite3_stmt, T, T?>>(Expression.Block(calls), statement, row, last).Compile();
    }

    // Texts and arrays by reference: to compare them costs as much as to bind them, and those that repeat are mostly the same object.
    private static Expression Same(Expression a, Expression b) => a.Type.IsValueType ? Expression.Equal(a, b) : Expression.ReferenceEqual(a, b);

    private static Expression BindOne(ParameterExpression statement, int index, Expression value, IProperty property)
    {
        var underlying = Nullable.GetUnderlyingType(value.Type);
        Expression plain = underlying is null ? value : Expression.Property(value, "Value");
        if (plain.Type.IsEnum)
        {
            var converter = property.GetTypeMapping().Converter!;
            plain = Expression.Invoke(converter.ConvertToProviderExpression, Expression.Convert(plain, converter.ModelClrType));
        }

        var bind = typeof(SqliteBinding).GetMethod(nameof(SqliteBinding.Value), [typeof(sqlite3_stmt), typeof(int), plain.Type])
            ?? throw new NotSupportedException($"The bulk writer cannot bind a {plain.Type.Name}.");
        var number = Expression.Constant(index);
        var call = Expression.Call(bind, statement, number, plain);
        if (underlying is null && value.Type.IsValueType)
        {
            return call;
        }

        var bindNull = Expression.Call(typeof(SqliteBinding), nameof(SqliteBinding.Null), null, statement, number);
        return Expression.IfThenElse(Expression.Equal(value, Expression.Constant(null, value.Type)), bindNull, call);
    }
}

/// <summary>The single bindings, one for each type a column can have.</summary>
internal static class SqliteBinding
{
    public static void Null(sqlite3_stmt statement, int index) => sqlite3_bind_null(statement, index);

    public static void Value(sqlite3_stmt statement, int index, long value) => sqlite3_bind_int64(statement, index, value);

    public static void Value(sqlite3_stmt statement, int index, int value) => sqlite3_bind_int(statement, index, value);

    public static void Value(sqlite3_stmt statement, int index, bool value) => sqlite3_bind_int(statement, index, value ? 1 : 0);

    public static void Value(sqlite3_stmt statement, int index, double value) => sqlite3_bind_double(statement, index, value);

    public static void Value(sqlite3_stmt statement, int index, byte[] value) => sqlite3_bind_blob(statement, index, value);

    public static void Value(sqlite3_stmt statement, int index, DateTime value) => sqlite3_bind_int64(statement, index, SqliteEncoding.ToMicroseconds(value));

    public static void Value(sqlite3_stmt statement, int index, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        sqlite3_bind_blob(statement, index, bytes);
    }

    public static void Value(sqlite3_stmt statement, int index, decimal value)
    {
        // The text that Microsoft.Data.Sqlite writes for a decimal, with at least one decimal, so that equal values are equal text.
        Span<byte> text = stackalloc byte[DecimalText.MostBytes];
        sqlite3_bind_text(statement, index, text[..DecimalText.Format(value, text, decimals: 1)]);
    }

    [SkipLocalsInit]
    public static void Value(sqlite3_stmt statement, int index, string value)
    {
        if (value.Length == 0)
        {
            // An empty span is a null pointer, which SQLite takes for NULL.
            sqlite3_bind_text(statement, index, "");
            return;
        }

        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = most <= 1024 ? stackalloc byte[1024] : new byte[most];
        int length = Encoding.UTF8.GetBytes(value, bytes);
        sqlite3_bind_text(statement, index, bytes[..length]);
    }
}
