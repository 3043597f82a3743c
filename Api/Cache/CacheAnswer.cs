using System.Globalization;
using CloudStore.Api.Http;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Cache;
using Microsoft.Extensions.Primitives;

namespace CloudStore.Api.Cache;

/// <summary>Writes entries as answers.</summary>
internal static class CacheAnswer
{
    private const string Name = "cloudstore";

    /// <summary>The entry with its type, its entity tag, and in <c>Cache-Status</c> (RFC 9211) how long it still lives and the layer it came from; 304 where the caller has it; 404 where there is none.</summary>
    public static async Task WriteAsync(HttpContext http, string key, CacheResult<byte[]> entry)
    {
        var response = http.Response;
        response.Headers.CacheControl = "no-store";
        if (!entry.Found)
        {
            response.Headers["Cache-Status"] = $"{Name}; fwd=miss";
            await MissingAsync(http, key);
            return;
        }

        response.Headers["Cache-Status"] = Status(entry);
        response.Headers.ETag = entry.ETag;
        if (entry.ETag is { } tag && ETag.IsUnchanged(http.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (type, start) = CacheValue.Read(entry.Value);
        response.ContentType = type;
        response.ContentLength = entry.Value.Length - start;
        await response.Body.WriteAsync(entry.Value.AsMemory(start), http.RequestAborted);
    }

    // A miss is nothing exceptional: it is answered without an exception.
    public static Task MissingAsync(HttpContext http, string key) => ProblemWriter.WriteAsync(http, ProblemKind.NotFound, $"The cache has no entry '{key}'.");

    public static Task StaleAsync(HttpContext http, StringValues condition) =>
        ProblemWriter.WriteAsync(http, ProblemKind.Stale, $"The entry is not as the request's condition ({condition}) wants it; read it again.");

    private static string Status(CacheResult<byte[]> entry)
    {
        var layer = entry.Source.ToString().ToLowerInvariant();
        var ttl = entry.Remaining is { } left ? string.Create(CultureInfo.InvariantCulture, $"; ttl={(long)left.TotalSeconds}") : "";
        return $"{Name}; hit{ttl}; detail={(entry.Stale ? $"{layer}-stale" : layer)}";
    }
}
