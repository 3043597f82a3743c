using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudStore.Storage.Records;

/// <summary>
/// Cuts instants down to the start of their UTC day, ISO week (from Monday) or month, inside a query: translated to the database's own functions, never
/// run in this process.
/// </summary>
public static class DateBucket
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    public static DateTime Day(DateTime instant) => throw new NotSupportedException("For use in queries only.");

    public static DateTime Week(DateTime instant) => throw new NotSupportedException("For use in queries only.");

    public static DateTime Month(DateTime instant) => throw new NotSupportedException("For use in queries only.");

    internal static void Map(ModelBuilder model, StoreDialect dialect)
    {
        foreach (var name in (string[])[nameof(Day), nameof(Week), nameof(Month)])
        {
            model.HasDbFunction(typeof(DateBucket).GetMethod(name, [typeof(DateTime)])!)
                .HasTranslation(args => dialect == StoreDialect.Postgres ? Truncate(name, args[0]) : Microseconds(name, args[0]));
        }
    }

    private static SqlExpression Truncate(string name, SqlExpression instant) =>
        new SqlFunctionExpression("date_trunc", [Text(name.ToLowerInvariant()), instant, Text("UTC")], true, [false, true, false], typeof(DateTime), instant.TypeMapping);

    // SQLite keeps microseconds: days and weeks are arithmetic (day 0 was a Thursday), months need the calendar.
    private static SqlExpression Microseconds(string name, SqlExpression instant) => name switch
    {
        nameof(Day) => Minus(instant, Modulo(instant, MicrosecondsPerDay)),
        nameof(Week) => Minus(instant, Modulo(Plus(instant, 3 * MicrosecondsPerDay), 7 * MicrosecondsPerDay)),
        _ => Binary(System.Linq.Expressions.ExpressionType.Multiply, StartOfMonth(instant), Number(1_000_000), instant.TypeMapping!),
    };

    private static SqlExpression StartOfMonth(SqlExpression instant)
    {
        // Down to whole seconds first: SQLite divides towards zero, which before 1970 would be up.
        var seconds = Binary(System.Linq.Expressions.ExpressionType.Divide, Minus(instant, Modulo(instant, 1_000_000)), Number(1_000_000), instant.TypeMapping!);
        var month = new SqlFunctionExpression("strftime", [Text("%s"), seconds, Text("unixepoch"), Text("start of month")], true, [false, true, false, false], typeof(string), TextMapping);
        return new SqlUnaryExpression(System.Linq.Expressions.ExpressionType.Convert, month, typeof(long), LongMapping);
    }

    // SQLite's % takes the sign of the dividend; adding the divisor once more keeps instants before 1970 in their own bucket.
    private static SqlExpression Modulo(SqlExpression a, long b) =>
        Binary(System.Linq.Expressions.ExpressionType.Modulo, Plus(Binary(System.Linq.Expressions.ExpressionType.Modulo, a, Number(b), a.TypeMapping!), b), Number(b), a.TypeMapping!);

    private static SqlExpression Plus(SqlExpression a, long b) => Binary(System.Linq.Expressions.ExpressionType.Add, a, Number(b), a.TypeMapping!);

    private static SqlExpression Minus(SqlExpression a, SqlExpression b) => Binary(System.Linq.Expressions.ExpressionType.Subtract, a, b, a.TypeMapping!);

    private static SqlBinaryExpression Binary(System.Linq.Expressions.ExpressionType op, SqlExpression a, SqlExpression b, RelationalTypeMapping mapping) =>
        new(op, a, b, typeof(DateTime), mapping);

    private static SqlConstantExpression Number(long value) => new(value, LongMapping);

    private static SqlConstantExpression Text(string value) => new(value, TextMapping);

    private static readonly StringTypeMapping TextMapping = new("text", System.Data.DbType.String);

    private static readonly LongTypeMapping LongMapping = new("INTEGER");
}
