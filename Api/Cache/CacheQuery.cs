using System.ComponentModel;
using System.Globalization;
using CloudStore.Api.Http;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Cache;

/// <summary>How an entry is to live, as query parameters.</summary>
internal readonly record struct CacheQuery(
    [property: FromQuery(Name = "ttl"), Description("Seconds it lives, parts of one too, e.g. 0.5; Cache:DefaultSeconds where absent.")] string? Ttl,
    [property: FromQuery(Name = "sliding"), Description("Seconds since it was last read after which it ends.")] string? Sliding,
    [property: FromQuery(Name = "stale"), Description("Seconds past its time that C# callers may be served it while they make it anew.")] string? Stale,
    [property: FromQuery(Name = "tags"), Description("Names to invalidate it under, separated by commas.")] string? Tags)
{
    // More than any setting allows; the cache says by which limit.
    private const double MostSeconds = 1e10;

    /// <exception cref="ProblemException">A value is not what its description says.</exception>
    public CacheEntryOptions ToOptions() => new()
    {
        TimeToLive = Seconds(Ttl, "ttl"),
        Sliding = Seconds(Sliding, "sliding"),
        ServeStaleFor = Seconds(Stale, "stale"),
        Tags = string.IsNullOrEmpty(Tags) ? [] : Tags.Split(','),
    };

    /// <summary>The same from numbers.</summary>
    public static CacheEntryOptions ToOptions(double? ttl, double? sliding, double? stale, IReadOnlyList<string>? tags, string prefix) => new()
    {
        TimeToLive = Positive(ttl, prefix + "ttl"),
        Sliding = Positive(sliding, prefix + "sliding"),
        ServeStaleFor = Positive(stale, prefix + "stale"),
        Tags = tags ?? [],
    };

    public static TimeSpan? Seconds(string? text, string field) => text is null ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? Positive(seconds, field)
        : throw ProblemException.ForField(ProblemKind.Invalid, field, "seconds", $"{field} is a number of seconds, e.g. 30 or 0.5; it is '{text}'.");

    // A millisecond is the least that all layers tell apart.
    private static TimeSpan? Positive(double? seconds, string field) => seconds is null ? null
        : seconds >= 0.001 ? TimeSpan.FromMilliseconds(Math.Round(Math.Min(seconds.Value, MostSeconds) * 1000))
        : throw ProblemException.ForField(ProblemKind.Invalid, field, "above-zero", FormattableString.Invariant($"{field} must be at least 0.001 seconds; it is {seconds}."));

    /// <summary>Reads the words of the issue: always, nx, xx.</summary>
    public static SetMode Mode(string? word, string field) => word?.ToLowerInvariant() switch
    {
        null or "" or "always" => SetMode.Always,
        "nx" => SetMode.NotExists,
        "xx" => SetMode.Exists,
        _ => throw ProblemException.ForField(ProblemKind.Invalid, field, "known-value", $"{field} is always, nx (only if the key has no entry) or xx (only if it has one); it is '{word}'."),
    };
}
