using System.Linq.Expressions;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>
/// Keyed hashes of values, by which encrypted fields are searched: the first 16 bytes of HMAC-SHA-256 under a key that HKDF-Expand derives from the tenant's index key for the
/// table and column. Rotation keeps the index key, because every row's hash would change at once; the hash tells nothing without it but which rows are equal.
/// </summary>
public static class BlindIndex
{
    public const int Bytes = 16;

    /// <summary>The hash that the tenant's records with that value have; null for null. Compare it with the index property in a query.</summary>
    /// <param name="property">The encrypted property.</param>
    /// <exception cref="InvalidOperationException">It has no blind index.</exception>
    public static byte[]? Of<T, TValue>(StoreContext context, Expression<Func<T, TValue>> property, TValue value)
        where T : Record
    {
        var name = ((MemberExpression)property.Body).Member.Name;
        var plan = ProtectedPlan<T>.Of(context) ?? throw new InvalidOperationException($"{typeof(T).Name} has no encrypted fields.");
        var index = Array.Find(plan.Indexes, i => i.Source.Name == name) ?? throw new InvalidOperationException($"{typeof(T).Name}.{name} has no blind index.");
        return Compute(context, context.Tenant ?? throw new InvalidOperationException("A context without a tenant has no index key."), plan.Table, index, value);
    }

    internal static byte[]? Compute(StoreContext context, string tenant, string table, Column index, object? value)
    {
        if (value is null)
        {
            return null;
        }

        Span<byte> key = stackalloc byte[32];
        Derive(context, tenant, table, index.Name, key);
        var hash = HMACSHA256.HashData(key, Encode(value, index.IgnoreCase))[..Bytes];
        CryptographicOperations.ZeroMemory(key);
        return hash;
    }

    /// <summary>The key itself, of the context's tenant, for whoever hashes many values; to be zeroed after use.</summary>
    internal static byte[] KeyOf(StoreContext context, string table, string column)
    {
        var key = new byte[32];
        Derive(context, context.Tenant ?? throw new InvalidOperationException("A context without a tenant has no index key."), table, column, key);
        return key;
    }

    private static void Derive(StoreContext context, string tenant, string table, string column, Span<byte> key)
    {
        var info = Encoding.UTF8.GetBytes($"CloudStore blind index\0{table}\0{column}");
        while (!context.RequireFields().Keys.Current(tenant, "", KeyPurpose.Index, context).Derive(info, key))
        {
            // Dropped from memory in between; read again.
        }
    }

    private static byte[] Encode(object value, bool ignoreCase)
    {
        var writer = new FieldWriter();
        writer.Start(1);
        switch (value)
        {
            case string text:
                writer.Write((ignoreCase ? text.Trim().ToLowerInvariant() : text).Normalize());
                break;
            case Guid id:
                writer.Write(id);
                break;
            case decimal number:
                // Equal numbers are equal whatever their zeros.
                writer.Write(number / 1.0000000000000000000000000000m);
                break;
            case long or int:
                writer.Write(Convert.ToInt64(value, null));
                break;
            default:
                throw new NotSupportedException($"A {value.GetType().Name} has no blind index.");
        }

        var bytes = writer.Finish().ToArray();
        writer.Clear();
        return bytes;
    }

    /// <param name="Name">The column of the hash.</param>
    /// <param name="Property">The record's property of it.</param>
    /// <param name="Source">The encrypted property.</param>
    internal sealed record Column(string Name, PropertyInfo Property, PropertyInfo Source, bool IgnoreCase);
}
