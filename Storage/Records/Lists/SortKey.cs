using System.Globalization;
using System.Linq.Expressions;

namespace CloudStore.Storage.Records.Lists;

/// <summary>A field that a list can be sorted by.</summary>
public abstract class SortKey<T>(string name)
    where T : Record
{
    /// <summary>As it is written in <c>sort=</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Declares one. <typeparamref name="TValue"/>: string, long, decimal, DateTime, their nullable forms, or Guid.</summary>
    public static SortKey<T> By<TValue>(string name, Expression<Func<T, TValue>> value) => new Typed<TValue>(name, value);

    internal abstract IQueryable<T> Order(IQueryable<T> query, bool descending);

    /// <summary>The records behind the given place. Nulls sort as the largest value on Postgres and as the smallest on SQLite.</summary>
    internal abstract IQueryable<T> After(IQueryable<T> query, bool descending, string? value, Guid id, bool nullsAreLargest);

    /// <summary>The record's value as text that <see cref="After"/> reads back; null for a null.</summary>
    internal abstract string? Text(T record);

    private sealed class Typed<TValue>(string name, Expression<Func<T, TValue>> expression) : SortKey<T>(name)
    {
        private static readonly Type Underlying = Nullable.GetUnderlyingType(typeof(TValue)) ?? typeof(TValue);
        private static readonly bool CanBeNull = !typeof(TValue).IsValueType || Nullable.GetUnderlyingType(typeof(TValue)) is not null;
        private readonly Func<T, TValue> _read = expression.Compile();

        internal override IQueryable<T> Order(IQueryable<T> query, bool descending)
        {
            if (typeof(TValue) == typeof(Guid))
            {
                return descending ? query.OrderByDescending(r => r.Id) : query.OrderBy(r => r.Id);
            }

            return descending
                ? query.OrderByDescending(expression).ThenByDescending(r => r.Id)
                : query.OrderBy(expression).ThenBy(r => r.Id);
        }

        internal override IQueryable<T> After(IQueryable<T> query, bool descending, string? value, Guid id, bool nullsAreLargest)
        {
            var record = expression.Parameters[0];
            var field = expression.Body;
            var idBehind = Compare(Expression.Property(record, nameof(Record.Id)), Captured(id), descending);
            if (typeof(TValue) == typeof(Guid))
            {
                return query.Where(Expression.Lambda<Func<T, bool>>(idBehind, record));
            }

            Expression behind;
            bool nullsLast = nullsAreLargest != descending;
            var isNull = CanBeNull ? Expression.Equal(field, Expression.Constant(null, typeof(TValue))) : null;
            if (value is null)
            {
                var among = Expression.AndAlso(isNull!, idBehind);
                behind = nullsLast ? among : Expression.OrElse(Expression.Not(isNull!), among);
            }
            else
            {
                var last = Captured((TValue)Parse(value));
                behind = Expression.OrElse(Compare(field, last, descending), Expression.AndAlso(Expression.Equal(field, last), idBehind));
                behind = isNull is not null && nullsLast ? Expression.OrElse(behind, isNull) : behind;
            }

            return query.Where(Expression.Lambda<Func<T, bool>>(behind, record));
        }

        internal override string? Text(T record) => _read(record) switch
        {
            null => null,
            DateTime d => d.Ticks.ToString(CultureInfo.InvariantCulture),
            IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString(),
        };

        private static object Parse(string text) => Type.GetTypeCode(Underlying) switch
        {
            TypeCode.String => text,
            TypeCode.DateTime => new DateTime(long.Parse(text, CultureInfo.InvariantCulture), DateTimeKind.Utc),
            _ => Convert.ChangeType(text, Underlying, CultureInfo.InvariantCulture),
        };

        // A member of a captured object, as the compiler makes for a local variable: Entity Framework then sends it as a parameter and keeps the plan.
        private static MemberExpression Captured<TCaptured>(TCaptured value) =>
            Expression.Property(Expression.Constant(new Box<TCaptured>(value)), nameof(Box<>.Value));

        private static BinaryExpression Compare(Expression left, Expression right, bool less)
        {
            if (left.Type == typeof(string))
            {
                var compare = Expression.Call(typeof(string), nameof(string.Compare), null, left, right);
                return less ? Expression.LessThan(compare, Expression.Constant(0)) : Expression.GreaterThan(compare, Expression.Constant(0));
            }

            return less ? Expression.LessThan(left, right) : Expression.GreaterThan(left, right);
        }
    }

    private sealed class Box<TValue>(TValue value)
    {
        public TValue Value { get; } = value;
    }
}
