using System.Data.Common;
using System.Globalization;
using System.Text;
using CloudStore.Storage.Cache.Shared.Redis;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>An entry as the columns of its row.</summary>
internal static class EntryColumns
{
    /// <summary>In the order that <see cref="CacheSql"/> numbers them.</summary>
    /// <param name="more">What stands behind them.</param>
    public static object[] Of(Place place, SharedEntry entry, long now, params object[] more)
    {
        var number = Number(entry);
        var tags = new byte[Envelope.TagsLength(entry.Tags)];
        Envelope.WriteTags(entry.Tags, tags);
        return
        [
            place.Generation, place.Tenant, place.Key, place.Floor, (short)entry.Format, Bytes(entry), number ?? (object)DBNull.Value,
            entry.Position, entry.CreatedAt, entry.ExpiresAt, entry.StaleFor, entry.Sliding, EndsAt(entry, now), (short)entry.Tags.Count, tags, .. more,
        ];
    }

    /// <summary>The value, where it is no number.</summary>
    public static byte[] Bytes(SharedEntry entry) => Number(entry) is null ? entry.Payload.ToArray() : [];

    public static long? Number(SharedEntry entry) =>
        Envelope.IsNumber(entry) && long.TryParse(entry.Payload.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>Until when the row is kept.</summary>
    public static long EndsAt(SharedEntry entry, long now) => entry.Sliding > 0 ? Math.Min(now + entry.Sliding, entry.ExpiresAt) : entry.ExpiresAt + entry.StaleFor;

    public static (string Key, SharedEntry Entry) Read(DbDataReader r) => (r.GetString(0), new SharedEntry
    {
        Format = (byte)r.GetInt16(1),
        Payload = r.IsDBNull(3) ? r.GetFieldValue<byte[]>(2) : Encoding.ASCII.GetBytes(r.GetInt64(3).ToString(CultureInfo.InvariantCulture)),
        Position = r.GetInt64(4),
        CreatedAt = r.GetInt64(5),
        ExpiresAt = r.GetInt64(6),
        StaleFor = r.GetInt64(7),
        Sliding = r.GetInt64(8),
        Tags = r.GetInt16(9) is var count && count == 0 ? [] : Envelope.ReadTags(r.GetFieldValue<byte[]>(10), count, out _) ?? [],
        Source = CacheSource.Database,
    });
}
