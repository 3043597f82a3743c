using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Records.Lists;

/// <summary>
/// Opaque cursors: the last record's sort value and id, bound to the list (its scope and order) by a truncated HMAC-SHA-256, so that an edited cursor, or
/// one of another list or tenant, is refused instead of answering something else. Base64url.
/// </summary>
public sealed class CursorCodec(byte[] key)
{
    private const int MacBytes = 16;

    public string Encode(string scope, Guid id, string? sortValue)
    {
        var value = sortValue is null ? [] : Encoding.UTF8.GetBytes(sortValue);
        var payload = new byte[17 + value.Length + MacBytes];
        payload[0] = sortValue is null ? (byte)0 : (byte)1;
        id.TryWriteBytes(payload.AsSpan(1), bigEndian: true, out _);
        value.CopyTo(payload.AsSpan(17));
        Mac(scope, payload.AsSpan(0, 17 + value.Length)).AsSpan(0, MacBytes).CopyTo(payload.AsSpan(17 + value.Length));
        return Base64Url.EncodeToString(payload);
    }

    /// <exception cref="ProblemException">Of kind invalid-cursor: not a cursor of this list.</exception>
    public (Guid Id, string? SortValue) Decode(string scope, string cursor)
    {
        byte[] payload;
        try
        {
            payload = Base64Url.DecodeFromChars(cursor);
        }
        catch (FormatException)
        {
            throw Refused();
        }

        if (payload.Length < 17 + MacBytes)
        {
            throw Refused();
        }

        var signed = payload.AsSpan(0, payload.Length - MacBytes);
        if (!CryptographicOperations.FixedTimeEquals(Mac(scope, signed).AsSpan(0, MacBytes), payload.AsSpan(signed.Length)))
        {
            throw Refused();
        }

        return (new Guid(signed.Slice(1, 16), bigEndian: true), signed[0] == 0 ? null : Encoding.UTF8.GetString(signed[17..]));
    }

    private byte[] Mac(string scope, ReadOnlySpan<byte> payload)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(scope));
        hmac.AppendData([0]);
        hmac.AppendData(payload);
        return hmac.GetHashAndReset();
    }

    private static ProblemException Refused() => ProblemException.ForField(ProblemKind.InvalidCursor, "cursor", "cursor",
        "The cursor was changed, or belongs to a list with other filters, another order or another tenant. Start again without a cursor.");
}
