namespace CloudStore.Storage.Records.Rules;

/// <summary>Instants as records keep them.</summary>
public static class Instants
{
    /// <summary>The instant in UTC (one without a zone is UTC) at whole microseconds, which is what databases keep.</summary>
    public static DateTime ToStored(DateTime instant)
    {
        var utc = instant.Kind == DateTimeKind.Local ? instant.ToUniversalTime() : DateTime.SpecifyKind(instant, DateTimeKind.Utc);
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
