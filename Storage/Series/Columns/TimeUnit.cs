namespace CloudStore.Storage.Series.Columns;

/// <summary>What a timestamp counts.</summary>
public enum TimeUnit
{
    Milliseconds,
    Microseconds,
    Nanoseconds,
}
