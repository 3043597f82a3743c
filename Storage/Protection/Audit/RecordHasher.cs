using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// SHA-256 over what a table stores of a record: a hash of the table's and the columns' names, then the columns' values in the order of their names, as
/// <see cref="FieldBuffer"/> writes them. The same record has the same hash on every database. Where a column holds a ciphertext, that is what is hashed.
/// </summary>
internal abstract class RecordHasher
{
    private static readonly ConcurrentDictionary<IEntityType, RecordHasher> Hashers = new();

    public static RecordHasher For(DbContext context, IEntityType type) => Hashers.GetOrAdd(type, static (t, c) =>
        (RecordHasher)typeof(RecordHasher<>).MakeGenericType(t.ClrType).GetMethod(nameof(RecordHasher<>.For))!.Invoke(null, [c])!, context);

    public abstract byte[] Hash(Record record);
}

/// <inheritdoc/>
internal sealed class RecordHasher<T> : RecordHasher
    where T : Record
{
    private const int FlushAt = 64 * 1024;
    private static readonly ConditionalWeakTable<IModel, RecordHasher<T>> Hashers = [];
    [ThreadStatic]
    private static FieldBuffer? buffer;

    private readonly byte[] _schema;
    private readonly Action<FieldBuffer, T> _write;

    private RecordHasher(BulkPlan<T> table)
    {
        var columns = table.Properties.OrderBy(p => p.GetColumnName(), StringComparer.Ordinal).ToList();
        _schema = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{table.Table}\n{string.Join('\n', columns.Select(c => c.GetColumnName()))}\n"));
        _write = Compile(columns);
    }

    public static RecordHasher<T> For(DbContext context) =>
        Hashers.TryGetValue(context.Model, out var found) ? found : Hashers.GetValue(context.Model, _ => new RecordHasher<T>(BulkPlan<T>.For(context)));

    public override byte[] Hash(Record record) => Hash((T)record);

    public byte[] Hash(T record)
    {
        var fields = buffer ??= new FieldBuffer();
        fields.Clear();
        fields.Bytes(_schema);
        _write(fields, record);
        return SHA256.HashData(fields.Written);
    }

    /// <summary>The hash of a batch: that of its records one behind the other.</summary>
    public byte[] Hash(BulkBatch<T> batch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var fields = buffer ??= new FieldBuffer();
        fields.Clear();
        fields.Bytes(_schema);
        for (int i = 0; i < batch.Count; i++)
        {
            _write(fields, batch[i]);
            if (fields.Length >= FlushAt)
            {
                hash.AppendData(fields.Written);
                fields.Clear();
            }
        }

        hash.AppendData(fields.Written);
        return hash.GetHashAndReset();
    }

    private static Action<FieldBuffer, T> Compile(List<IProperty> columns)
    {
        var fields = Expression.Parameter(typeof(FieldBuffer));
        var record = Expression.Parameter(typeof(T));
        var calls = columns.Select(p => Write(fields, Expression.Property(record, p.PropertyInfo!), p));
        return Expression.Lambda<Action<FieldBuffer, T>>(Expression.Block(calls), fields, record).Compile();
    }

    private static Expression Write(ParameterExpression fields, Expression value, IProperty property)
    {
        var underlying = Nullable.GetUnderlyingType(value.Type);
        Expression plain = underlying is null ? value : Expression.Property(value, "Value");
        // By the type in memory where it has a form of its own: instants and ids are converted differently for each database.
        if (Method(plain.Type) is null && property.GetTypeMapping().Converter is { } converter)
        {
            plain = Expression.Invoke(converter.ConvertToProviderExpression, Expression.Convert(plain, converter.ModelClrType));
        }

        var method = Method(plain.Type) ?? throw new NotSupportedException($"The audit has no form for {typeof(T).Name}.{property.Name}, a {value.Type.Name}.");
        var type = typeof(FieldBuffer).GetMethod(method)!.GetParameters()[0].ParameterType;
        Expression write = Expression.Call(fields, method, null, plain.Type == type ? plain : Expression.Convert(plain, type));
        return underlying is null ? write : Expression.IfThenElse(Expression.Property(value, "HasValue"), write, Expression.Call(fields, nameof(FieldBuffer.Null), null));
    }

    private static string? Method(Type type) => type.IsEnum ? null : Type.GetTypeCode(type) switch
    {
        TypeCode.String => nameof(FieldBuffer.Text),
        TypeCode.DateTime => nameof(FieldBuffer.Instant),
        TypeCode.Decimal => nameof(FieldBuffer.Decimal),
        TypeCode.Double or TypeCode.Single => nameof(FieldBuffer.Double),
        TypeCode.Boolean => nameof(FieldBuffer.Boolean),
        TypeCode.Byte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 => nameof(FieldBuffer.Whole),
        _ when type == typeof(Guid) => nameof(FieldBuffer.Uuid),
        _ when type == typeof(byte[]) => nameof(FieldBuffer.Bytes),
        _ => null,
    };
}
