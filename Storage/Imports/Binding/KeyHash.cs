using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>
/// Stands in a natural key, which is kept in clear, for the parts that are encrypted: 16 bytes of HMAC-SHA-256 over all parts of the key, under a key that the tenant's index
/// key gives for this use. Over all of them, so that equal prices of different rows do not show: two hashes are equal only where the whole keys are. It stays the same
/// when data keys rotate.
/// </summary>
public sealed class KeyHash : IDisposable
{
    private const string Column = "natural_key";
    private readonly byte[] _key;

    /// <param name="context">Whose tenant's key; not used after this.</param>
    /// <param name="target">The import target's name.</param>
    public KeyHash(StoreContext context, string target) => _key = BlindIndex.KeyOf(context, target, Column);

    /// <summary>The hash as a part of a key.</summary>
    /// <param name="parts">All parts, in their order; null where there is none.</param>
    public string Of(IReadOnlyList<string?> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            // With its length, so that no two lists of parts are one text.
            text.Append(part?.Length ?? 0).Append(':').Append(part);
        }

        return $"h-{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, BlindIndex.Bytes))}";
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);
}
