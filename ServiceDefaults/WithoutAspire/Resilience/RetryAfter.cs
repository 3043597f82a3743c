namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>Reads Retry-After (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>How long the server asks to wait; null where it does not say. A time in the past means now.</summary>
    public static TimeSpan? Of(HttpResponseMessage? response, TimeProvider time)
    {
        var header = response?.Headers.RetryAfter;
        var wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
