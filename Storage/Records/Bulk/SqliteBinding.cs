using System.Globalization;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;
using static SQLitePCL.raw;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>Binds a row's columns to the parameters 1.. of a statement, with one compiled method; values are encoded as <see cref="SqliteEncoding"/> says.</summary>
internal sealed class SqliteBinding<T>
    where T : Record
{
    private static readonly ConditionalWeakTable<BulkPlan<T>, SqliteBinding<T>> Bindings = [];

    private SqliteBinding(BulkPlan<T> plan)
    {
        var statement = Expression.Parameter(typeof(sqlite3_stmt));
        var row = Expression.Parameter(typeof(T));
        var calls = plan.Properties.Select((p, i) => BindOne(statement, i + 1, Expression.Property(row, p.PropertyInfo!)));
        Bind = Expression.Lambda<Action<sqlite3_stmt, T>>(Expression.Block(calls), statement, row).Compile();
    }

    public Action<sqlite3_stmt, T> Bind { get; }

    public static SqliteBinding<T> For(BulkPlan<T> plan) => Bindings.GetValue(plan, p => new SqliteBinding<T>(p));

    private static Expression BindOne(ParameterExpression statement, int index, Expression value)
    {
        var underlying = Nullable.GetUnderlyingType(value.Type);
        Expression plain = underlying is null ? value : Expression.Property(value, "Value");
        if (plain.Type.IsEnum)
        {
            plain = Expression.Convert(plain, typeof(long));
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
        // The text that Microsoft.Data.Sqlite writes for a decimal, so that equal values are equal text.
        Span<byte> text = stackalloc byte[40];
        value.TryFormat(text, out int length, "0.0###########################", CultureInfo.InvariantCulture);
        sqlite3_bind_text(statement, index, text[..length]);
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
