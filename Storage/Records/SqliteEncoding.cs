using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudStore.Storage.Records;

/// <summary>
/// How SQLite keeps what it has no type for: instants as integer microseconds since 1970-01-01 UTC, ids as 16 bytes in network order (both sort as
/// the values do, and are half the size of text). Entity Framework and the bulk writer both encode by this.
/// </summary>
public static class SqliteEncoding
{
    public static long ToMicroseconds(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTime FromMicroseconds(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    internal sealed class InstantConverter() : ValueConverter<DateTime, long>(v => ToMicroseconds(v), v => FromMicroseconds(v));

    internal sealed class IdConverter() : ValueConverter<Guid, byte[]>(v => v.ToByteArray(true), v => new Guid(v, true));
}
