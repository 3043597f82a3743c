using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace CloudStore.Storage.Cache.Values;

/// <summary>Encodes a value whose type is only known at run time.</summary>
internal interface IValueEncoder
{
    /// <returns>The format, of <see cref="ValueFormat"/>.</returns>
    byte EncodeObject(object value, PooledWriter to);
}

/// <summary>Encodes and decodes values of one type.</summary>
/// <param name="custom">The application's serializer, which goes before everything else.</param>
/// <param name="json">How the type is written as JSON; null for those that are not.</param>
internal sealed class ValueCodec<T>(IHybridCacheSerializer<T>? custom, Func<JsonTypeInfo<T>> json) : IValueEncoder
{
    private static readonly bool IsInteger = typeof(T) == typeof(long) || typeof(T) == typeof(int) || typeof(T) == typeof(short) || typeof(T) == typeof(sbyte)
        || typeof(T) == typeof(uint) || typeof(T) == typeof(ushort) || typeof(T) == typeof(byte);

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private JsonTypeInfo<T>? _json;

    /// <summary>True where one instance serves all callers, so that memory keeps it as it is.</summary>
    public bool KeepsObject { get; } = ImmutableTypes.Contains<T>() && typeof(T) != typeof(ReadOnlyMemory<byte>);

    private JsonTypeInfo<T> Json => _json ??= json();

    public byte EncodeObject(object value, PooledWriter to) => Encode((T)value, to);

    /// <returns>The format, of <see cref="ValueFormat"/>.</returns>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">The value is over the limit.</exception>
    public byte Encode(T value, PooledWriter to)
    {
        switch (value)
        {
            case null:
                return ValueFormat.Null;
            case var _ when custom is not null:
                custom.Serialize(value, to);
                return ValueFormat.Custom;
            case string text:
                Encoding.UTF8.GetBytes(text, to);
                return ValueFormat.Text;
            case byte[] bytes:
                to.Write(bytes);
                return ValueFormat.Bytes;
            case ReadOnlyMemory<byte> memory:
                to.Write(memory.Span);
                return ValueFormat.Bytes;
        }

        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, value, Json);
        return IsInteger ? ValueFormat.Counter : ValueFormat.Json;
    }

    /// <returns>False for a payload that is no <typeparamref name="T"/>: of another type, or of an earlier version of it.</returns>
    public bool TryDecode(byte format, ReadOnlyMemory<byte> payload, out T value)
    {
        value = default!;
        byte kind = ValueFormat.Kind(format);
        try
        {
            if (kind == ValueFormat.Null)
            {
                // Null in place of a number is no number.
                return default(T) is null;
            }

            if (custom is not null || kind == ValueFormat.Custom)
            {
                return kind == ValueFormat.Custom && custom is not null && Set(custom.Deserialize(new ReadOnlySequence<byte>(payload)), out value);
            }

            if (typeof(T) == typeof(ReadOnlyMemory<byte>))
            {
                return Set((T)(object)payload, out value);
            }

            if (typeof(T) == typeof(byte[]))
            {
                return Set((T)(object)payload.ToArray(), out value);
            }

            if (typeof(T) == typeof(string))
            {
                return Set((T)(object)Strict.GetString(payload.Span), out value);
            }

            return kind is ValueFormat.Json or ValueFormat.Counter && Set(JsonSerializer.Deserialize(payload.Span, Json)!, out value);
        }
        catch (Exception failure) when (custom is not null || failure is JsonException or NotSupportedException or DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool Set(T decoded, out T value)
    {
        value = decoded;
        return true;
    }
}
