using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>
/// Writes rows by COPY .. FROM STDIN (FORMAT BINARY), encoded by one compiled method for all columns of a row: no boxing, no reflection and no call into the
/// driver per value.
/// </summary>
internal sealed class PostgresCopy<T>
    where T : Record
{
    private static readonly ConditionalWeakTable<BulkPlan<T>, PostgresCopy<T>> Copies = [];
    private readonly string _columns;
    private readonly Action<CopyBuffer, T> _writeRow;

    private PostgresCopy(BulkPlan<T> plan)
    {
        _columns = string.Join(", ", plan.Columns);
        _writeRow = Compile(plan);
    }

    public static PostgresCopy<T> For(BulkPlan<T> plan) => Copies.GetValue(plan, p => new PostgresCopy<T>(p));

    /// <param name="buffer">Reused from batch to batch.</param>
    public async Task WriteAsync(NpgsqlConnection connection, string table, BulkBatch<T> batch, CopyBuffer buffer, CancellationToken cancellationToken)
    {
        var stream = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({_columns}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        try
        {
            await WriteAsync(stream, batch, buffer, cancellationToken);
        }
        catch
        {
            // Closing the stream would complete the copy with the rows written so far. What failed first is what the caller gets.
            await stream.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await stream.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // Here the server says what it thinks of the rows.
        await stream.DisposeAsync();
    }

    private async Task WriteAsync(NpgsqlRawCopyStream stream, BulkBatch<T> batch, CopyBuffer buffer, CancellationToken cancellationToken)
    {
        buffer.Clear();
        buffer.Header();
        for (int i = 0; i < batch.Count; i++)
        {
            _writeRow(buffer, batch[i]);
            if (buffer.Length >= CopyBuffer.FlushAt)
            {
                await stream.WriteAsync(buffer.Written, cancellationToken);
                buffer.Clear();
            }
        }

        buffer.End();
        await stream.WriteAsync(buffer.Written, cancellationToken);
    }

    private static Action<CopyBuffer, T> Compile(BulkPlan<T> plan)
    {
        var buffer = Expression.Parameter(typeof(CopyBuffer));
        var row = Expression.Parameter(typeof(T));
        var calls = new List<Expression> { Expression.Call(buffer, nameof(CopyBuffer.StartRow), null, Expression.Constant((short)plan.Properties.Count)) };
        calls.AddRange(plan.Properties.Select(p => Write(buffer, Expression.Property(row, p.PropertyInfo!), p)));
        return Expression.Lambda<Action<CopyBuffer, T>>(Expression.Block(calls), buffer, row).Compile();
    }

    private static Expression Write(ParameterExpression buffer, Expression value, IProperty property)
    {
        var isNull = !value.Type.IsValueType || Nullable.GetUnderlyingType(value.Type) is not null
            ? Expression.Equal(value, Expression.Constant(null, value.Type))
            : null;
        Expression plain = Nullable.GetUnderlyingType(value.Type) is not null ? Expression.Property(value, "Value") : value;
        if (property.GetTypeMapping().Converter is { } converter)
        {
            plain = Expression.Invoke(converter.ConvertToProviderExpression, Expression.Convert(plain, converter.ModelClrType));
        }

        var encoder = typeof(CopyBuffer).GetMethod(Encoder(property.GetColumnType()))!;
        var type = encoder.GetParameters()[0].ParameterType;
        var write = Expression.Call(buffer, encoder, plain.Type == type ? plain : Expression.Convert(plain, type));
        return isNull is null ? write : Expression.IfThenElse(isNull, Expression.Call(buffer, nameof(CopyBuffer.Null), null), write);
    }

    private static string Encoder(string columnType) => columnType switch
    {
        "uuid" => nameof(CopyBuffer.Uuid),
        "text" => nameof(CopyBuffer.Text),
        "timestamp with time zone" => nameof(CopyBuffer.TimestampTz),
        "numeric" => nameof(CopyBuffer.Numeric),
        "bigint" => nameof(CopyBuffer.BigInt),
        "integer" => nameof(CopyBuffer.Integer),
        "double precision" => nameof(CopyBuffer.DoublePrecision),
        "boolean" => nameof(CopyBuffer.Boolean),
        "jsonb" => nameof(CopyBuffer.Jsonb),
        "bytea" => nameof(CopyBuffer.Bytea),
        _ => throw new NotSupportedException($"The bulk writer has no binary form for the column type '{columnType}'."),
    };
}
