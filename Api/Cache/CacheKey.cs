using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache.Changes;
using Microsoft.AspNetCore.Http.Features;

namespace CloudStore.Api.Cache;

/// <summary>Keys as callers name them: any text, with slashes too.</summary>
internal static class CacheKey
{
    /// <summary>Keys of the product's own entries begin so. Callers cannot read or set them.</summary>
    public const string Own = RecordTags.Own;

    /// <summary>The path before a key.</summary>
    public const string Path = "/v1/cache/";

    private const string Tags = "tags/";
    private const string Stats = "stats";

    /// <summary>
    /// The key in a request's path. It is taken from the target as it was sent: the server's own path leaves %2F encoded and drops dots between slashes, so that different keys
    /// would be one.
    /// </summary>
    /// <exception cref="ProblemException">The key is reserved.</exception>
    public static string Of(HttpContext http) => Check(Rest(http, Path) ?? (string?)http.Request.RouteValues["key"] ?? "");

    /// <summary>The tag in a request's path.</summary>
    /// <exception cref="ProblemException">The tag is reserved: what the product keeps is not the callers' to end.</exception>
    public static string TagOf(HttpContext http)
    {
        var tag = Rest(http, Path + Tags) ?? (string?)http.Request.RouteValues["tag"] ?? "";
        return tag.StartsWith(Own, StringComparison.Ordinal)
            ? throw ProblemException.ForField(ProblemKind.Invalid, "tag", "reserved", $"tag must not begin with '{Own}'; it is '{tag}'.")
            : tag;
    }

    /// <exception cref="ProblemException">The key is reserved.</exception>
    public static string Check(string key, string field = "key") =>
        key.StartsWith(Own, StringComparison.Ordinal) || key.StartsWith(Tags, StringComparison.Ordinal) || key == Stats
            ? throw ProblemException.ForField(ProblemKind.Invalid, field, "reserved", $"{field} must not be '{Stats}', nor begin with '{Tags}' or '{Own}'; it is '{key}'.")
            : key;

    private static string? Rest(HttpContext http, string before)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        int end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target[..end];
        return path.StartsWith(before, StringComparison.OrdinalIgnoreCase) ? Uri.UnescapeDataString(path[before.Length..]) : null;
    }
}
