using System.Text;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;

namespace CloudStore.Api.Cache;

/// <summary>An operation of a batch whose rules were checked.</summary>
/// <param name="Operation">As it was sent.</param>
/// <param name="Field">Its place, for problems, e.g. <c>operations[3].</c>.</param>
/// <param name="Entry">The value of a set.</param>
/// <param name="Options">How it lives.</param>
/// <param name="Mode">Whether it is set.</param>
internal sealed record CacheStep(CacheOperation Operation, string Field, byte[] Entry, CacheEntryOptions Options, SetMode Mode)
{
    public bool IsNumber => CacheValue.IsNumber(Entry, out _);

    /// <summary>True where the entries of both can be set in one call.</summary>
    public bool SharesOptions(CacheStep other) =>
        Mode == SetMode.Always && other.Mode == SetMode.Always && Options.TimeToLive == other.Options.TimeToLive && Options.Sliding == other.Options.Sliding
        && Options.ServeStaleFor == other.Options.ServeStaleFor && Options.Tags.SequenceEqual(other.Options.Tags);

    /// <exception cref="ProblemException">A rule is broken; the problem names the operation and the field.</exception>
    public static CacheStep Of(CacheOperation operation, string field)
    {
        CacheKey.Check(operation.Key, field + "key");
        bool set = operation.Op == CacheOperationKind.Set;
        Refuse(!set && (operation.Value ?? (object?)operation.Base64 ?? operation.ContentType ?? operation.Mode) is not null, field + "value", "value, base64, contentType and mode are for set alone.");
        Refuse(operation.Op != CacheOperationKind.Increment && operation.By is not null, field + "by", "by is for increment alone.");
        Refuse(operation.Op is CacheOperationKind.Get or CacheOperationKind.Delete
            && (operation.Ttl ?? operation.Sliding ?? operation.Stale ?? (object?)operation.Tags) is not null, field + "ttl", "ttl, sliding, stale and tags are for set and increment.");
        return new CacheStep(operation, field, set ? EntryOf(operation, field) : [],
            CacheQuery.ToOptions(operation.Ttl, operation.Sliding, operation.Stale, operation.Tags, field), CacheQuery.Mode(operation.Mode, field + "mode"));
    }

    private static byte[] EntryOf(CacheOperation operation, string field)
    {
        if ((operation.Value is null) == (operation.Base64 is null))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, field + "value", "required", "A set has either value or base64.");
        }

        if (operation.Value is { } json)
        {
            Refuse(operation.ContentType is not null, field + "contentType", "contentType is for base64 alone; a value is application/json.");
            return CacheValue.Of(CacheValue.Json, Encoding.UTF8.GetBytes(json.GetRawText()));
        }

        var bytes = new byte[operation.Base64!.Length];
        return Convert.TryFromBase64String(operation.Base64, bytes, out int length)
            ? CacheValue.Of(CacheValue.TypeOf(operation.ContentType, field + "contentType"), bytes.AsSpan(0, length))
            : throw ProblemException.ForField(ProblemKind.Invalid, field + "base64", "base64", $"{field}base64 is not base64 (RFC 4648 section 4).");
    }

    private static void Refuse(bool wrong, string field, string message)
    {
        if (wrong)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, field, "not-here", message);
        }
    }
}
