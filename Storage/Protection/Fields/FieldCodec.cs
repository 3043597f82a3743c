using System.Linq.Expressions;
using System.Reflection;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>Compiles how a record's properties are written to and read from a token: one method for all of them, without boxing.</summary>
internal static class FieldCodec
{
    private static readonly Type[] Supported =
        [typeof(decimal), typeof(long), typeof(int), typeof(double), typeof(bool), typeof(DateTime), typeof(Guid), typeof(string), typeof(byte[])];

    public static void RequireSupported(PropertyInfo property)
    {
        if (!Supported.Contains(Plain(property.PropertyType)))
        {
            throw new NotSupportedException($"{property.DeclaringType!.Name}.{property.Name} cannot be encrypted: a {property.PropertyType.Name} has no encoding.");
        }
    }

    public static Action<FieldWriter, T> Encoder<T>(IReadOnlyList<PropertyInfo> properties)
    {
        var writer = Expression.Parameter(typeof(FieldWriter));
        var record = Expression.Parameter(typeof(T));
        var calls = new List<Expression> { Call(writer, nameof(FieldWriter.Start), Expression.Constant(properties.Count)) };
        calls.AddRange(properties.Select(p => Write(writer, Expression.Property(record, p))));
        return Expression.Lambda<Action<FieldWriter, T>>(Expression.Block(calls), writer, record).Compile();
    }

    public static Action<FieldReader, T> Decoder<T>(IReadOnlyList<PropertyInfo> properties)
    {
        var reader = Expression.Parameter(typeof(FieldReader));
        var record = Expression.Parameter(typeof(T));
        var calls = new List<Expression> { Call(reader, nameof(FieldReader.Start), Expression.Constant(properties.Count)) };
        calls.AddRange(properties.Select(p => Expression.Assign(Expression.Property(record, p), Call(reader, Reading(p.PropertyType)))));
        return Expression.Lambda<Action<FieldReader, T>>(Expression.Block(calls), reader, record).Compile();
    }

    private static Expression Write(ParameterExpression writer, Expression value)
    {
        bool nullable = Nullable.GetUnderlyingType(value.Type) is not null;
        var write = Call(writer, nameof(FieldWriter.Write), nullable ? Expression.Property(value, "Value") : value);
        return nullable || !value.Type.IsValueType
            ? Expression.IfThenElse(Expression.Equal(value, Expression.Constant(null, value.Type)), Call(writer, nameof(FieldWriter.Null)), write)
            : write;
    }

    private static string Reading(Type type)
    {
        var name = Plain(type) == typeof(byte[]) ? nameof(FieldReader.Binary) : Plain(type).Name;
        return Nullable.GetUnderlyingType(type) is null ? name : "Nullable" + name;
    }

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static MethodCallExpression Call(Expression target, string method, params Expression[] arguments)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        return Expression.Call(target, target.Type.GetMethod(method, All, [.. arguments.Select(a => a.Type)])!, arguments);
    }
}
