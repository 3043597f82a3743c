using System.Security.Cryptography;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>The code that tells the product's own events from others.</summary>
internal static class AuditMac
{
    [ThreadStatic]
    private static FieldBuffer? buffer;

    /// <summary>Over everything of the event but its sequence and its code.</summary>
    public static byte[] Of(AuditEvent e, byte[] key)
    {
        var fields = buffer ??= new FieldBuffer();
        fields.Clear();
        fields.Uuid(e.Id);
        fields.Text(e.Tenant);
        fields.Instant(e.At);
        fields.Text(e.Actor);
        fields.Text(e.Origin);
        fields.Text(e.Action.Word());
        fields.Text(e.RecordType);
        fields.Uuid(e.RecordId ?? Guid.Empty);
        fields.Whole(e.Items ?? -1);
        fields.Bytes(e.Before);
        fields.Bytes(e.After);
        fields.Text(e.Details);
        return HMACSHA256.HashData(key, fields.Written);
    }

    public static bool IsRight(AuditEvent e, byte[] key) => CryptographicOperations.FixedTimeEquals(Of(e, key), e.Mac);
}
