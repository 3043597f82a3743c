using System.Security.Cryptography;
using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Fields;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>
/// Encrypts the bodies of kept answers as fields are, under the tenant's key; the row id in a token's associated data is the first 16 bytes of SHA-256 of the Idempotency-Key.
/// </summary>
internal static class KeptAnswer
{
    public static byte[]? Seal(StoreContext context, string tenant, string key, byte[]? body)
    {
        if (body is null)
        {
            return null;
        }

        var writer = new FieldWriter();
        writer.Start(1);
        writer.Write(body);
        var token = context.RequireFields().Seal(Place(tenant), Row(key), writer.Finish(), "", context);
        writer.Clear();
        return token;
    }

    /// <summary>The body; null where there is none, or its key is gone: it is then as one that was not kept.</summary>
    public static byte[]? Open(StoreContext context, IdempotencyEntry entry)
    {
        if (entry.Body is not { } body)
        {
            return null;
        }

        var reader = new FieldReader();
        try
        {
            context.RequireFields().Open(Place(entry.Tenant), Row(entry.Key), body, reader, context);
            reader.Start(1);
            return reader.Binary();
        }
        catch (Exception e) when (e is ProblemException or FormatException)
        {
            return null;
        }
        finally
        {
            reader.Clear();
        }
    }

    private static FieldPlace Place(string tenant) => new(tenant, "idempotency_keys", "body");

    /// <summary>The id that stands for an Idempotency-Key in what its token is bound to.</summary>
    internal static Guid Row(string key) => new(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16), bigEndian: true);
}
