using System.Globalization;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CloudStore.Api.Cache;

/// <summary><c>/v1/cache</c>: entries by key, and what makes many of them invalid. Changes of the cache are no records and are not audited.</summary>
internal static class CacheEndpoints
{
    private const string Example = "{\"price\":12.5}";

    public static void MapCache(this IEndpointRouteBuilder routes)
    {
        var cache = routes.MapGroup("/v1/cache").WithTags("Cache").RequireRole(Role.Reader);
        cache.MapGet("/stats", StatsAsync).WithName("getCacheStats").WithSummary("Count what the cache does")
            .WithDescription("What the process that answers has counted since it started, by layer, and what its layers hold: in memory for the tenant, in Redis and the database for all.").WithExample(null, CacheExamples.Stats);
        cache.MapGet("/{**key}", GetAsync).WithName("getCacheEntry").WithSummary("Read an entry")
            .WithDescription("The value as it was set, with its content type. Cache-Status (RFC 9211) says in ttl how many seconds it still lives, and in detail the layer it came from. 404 where there is none.")
            .Produces<string>(200, CacheValue.Bytes, CacheValue.Json, "text/plain").WithExample(null, Example);
        cache.MapPut("/{**key}", PutAsync).RequireRole(Role.Writer).WithName("putCacheEntry").WithSummary("Set an entry")
            .WithDescription("The body is the value: any bytes, up to Cache:LargestValueBytes, kept with its content type. If-None-Match: * sets it only if the key has no entry, If-Match only if it is as named.")
            .Accepts<string>(CacheValue.Bytes, CacheValue.Json, "text/plain", "*/*").Produces(204).WithMetadata(ExactQuery.Instance).WithExample(Example, null);
        cache.MapPost("/{**key}", IncrementAsync).RequireRole(Role.Writer).WithName("incrementCacheCounter").WithSummary("Add to a counter")
            .WithDescription("In one step for all processes. A counter that is not there begins at 0 and lives as ttl and the others say. 409 where the entry is no counter.")
            .WithMetadata(ExactQuery.Instance).WithExample(null, new CacheCounter("hits", 42));
        cache.MapPatch("/{**key}", ExpireAsync).RequireRole(Role.Writer).WithName("expireCacheEntry").WithSummary("Give an entry another time to live")
            .Produces(204).WithMetadata(ExactQuery.Instance).WithExample(null, null);
        cache.MapDelete("/{**key}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteCacheEntry").WithSummary("Remove an entry")
            .Produces(204).WithMetadata(ExactQuery.Instance).WithExample(null, null);
        cache.MapDelete("/tags/{**tag}", InvalidateTagAsync).RequireRole(Role.Writer).WithName("invalidateCacheTag").WithSummary("Invalidate a tag")
            .WithDescription("Makes every entry that carries the tag invalid, however many there are, in the same time.").WithMetadata(ExactQuery.Instance);
        cache.MapDelete("/", InvalidatePrefixAsync).RequireRole(Role.Writer).WithName("invalidateCachePrefix").WithSummary("Invalidate a prefix, or everything")
            .WithDescription("Makes every entry invalid whose key begins with prefix; all of the tenant's with all=true instead.").WithMetadata(ExactQuery.Instance);
        routes.MapCacheBatch();
    }

    private static async Task<Ok<CacheStats>> StatsAsync(IStoreCache cache, CancellationToken cancellationToken) => TypedResults.Ok(await cache.StatsAsync(cancellationToken));

    private static async Task GetAsync(HttpContext http, IStoreCache cache, CancellationToken cancellationToken)
    {
        var key = CacheKey.Of(http);
        await CacheAnswer.WriteAsync(http, key, await cache.GetAsync<byte[]>(key, cancellationToken));
    }

    private static async Task PutAsync(HttpContext http, [AsParameters] CacheQuery query,
        [System.ComponentModel.Description("always (where absent), nx: only if the key has no entry, xx: only if it has one.")] string? mode, IStoreCache cache, IOptions<CacheOptions> limits,
        CancellationToken cancellationToken)
    {
        var key = CacheKey.Of(http);
        var (options, wanted) = (query.ToOptions(), CacheQuery.Mode(mode, "mode"));
        var (ifMatch, ifNone) = (http.Request.Headers.IfMatch, http.Request.Headers.IfNoneMatch);
        if (ifNone.Count > 0 && ifNone != "*")
        {
            throw ProblemException.ForField(ProblemKind.Invalid, HeaderNames.IfNoneMatch, "any", "If-None-Match of a PUT is *: set it only if the key has no entry.");
        }

        bool conditional = ifNone.Count > 0 || ifMatch.Count > 0;
        wanted = !conditional || wanted != SetMode.Always ? wanted : ifNone.Count > 0 ? SetMode.NotExists : SetMode.Exists;
        var value = await CacheBody.ReadAsync(http.Request, limits.Value.LargestValueBytes, cancellationToken);
        var expected = ETag.Expecting(ifMatch);
        if (await Renamed(() => CacheValue.IsNumber(value, out long number)
            ? expected is null ? cache.SetAsync(key, number, options, wanted, cancellationToken) : cache.ReplaceAsync(key, number, expected, options, cancellationToken)
            : expected is null ? cache.SetAsync(key, value, options, wanted, cancellationToken) : cache.ReplaceAsync(key, value, expected, options, cancellationToken)))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else if (conditional)
        {
            await CacheAnswer.StaleAsync(http, ifNone.Count > 0 ? ifNone : ifMatch);
        }
        else
        {
            throw new ProblemException(ProblemKind.Conflict, wanted == SetMode.NotExists ? $"The key '{key}' has an entry." : $"The key '{key}' has no entry.");
        }
    }

    private static async Task<Ok<CacheCounter>> IncrementAsync(HttpContext http, [AsParameters] CacheQuery query,
        [System.ComponentModel.Description("What is added, a whole number; 1 where absent.")] string? by, IStoreCache cache, CancellationToken cancellationToken)
    {
        var key = CacheKey.Of(http);
        long amount = 1;
        if (by is not null && !long.TryParse(by, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out amount))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "by", "whole-number", $"by is a whole number of 64 bits, e.g. 5 or -1; it is '{by}'.");
        }

        return TypedResults.Ok(new CacheCounter(key, await Renamed(() => cache.IncrementAsync(key, amount, query.ToOptions(), cancellationToken))));
    }

    private static async Task ExpireAsync(HttpContext http, [System.ComponentModel.Description("Seconds it lives from now on.")] string? ttl, IStoreCache cache, CancellationToken cancellationToken)
    {
        var key = CacheKey.Of(http);
        var time = CacheQuery.Seconds(ttl, "ttl") ?? throw ProblemException.ForField(ProblemKind.Invalid, "ttl", "required", "ttl is needed: seconds, e.g. 30 or 0.5.");
        await DoneAsync(http, key, await cache.ExpireAsync(key, time, cancellationToken));
    }

    private static async Task DeleteAsync(HttpContext http, IStoreCache cache, CancellationToken cancellationToken)
    {
        var key = CacheKey.Of(http);
        var ifMatch = http.Request.Headers.IfMatch;
        bool done = await (ETag.Expecting(ifMatch) is { } expected ? cache.RemoveAsync(key, expected, cancellationToken) : cache.RemoveAsync(key, cancellationToken));
        await (done || ifMatch.Count == 0 ? DoneAsync(http, key, done) : CacheAnswer.StaleAsync(http, ifMatch));
    }

    private static async Task<NoContent> InvalidateTagAsync(HttpContext http, IStoreCache cache, CancellationToken cancellationToken)
    {
        await cache.InvalidateTagAsync(CacheKey.TagOf(http), cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> InvalidatePrefixAsync([System.ComponentModel.Description("What the keys begin with.")] string? prefix,
        [System.ComponentModel.Description("True instead of a prefix: everything of the tenant.")] bool? all, IStoreCache cache, CancellationToken cancellationToken)
    {
        if (all == true && prefix is not null)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "all", "one-of", "prefix and all=true exclude each other.");
        }

        await (all == true ? cache.ClearAsync(cancellationToken)
            : cache.InvalidatePrefixAsync(prefix ?? throw ProblemException.ForField(ProblemKind.Invalid, "prefix", "required", "prefix is needed, or all=true."), cancellationToken));
        return TypedResults.NoContent();
    }

    private static Task DoneAsync(HttpContext http, string key, bool done)
    {
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return done ? Task.CompletedTask : CacheAnswer.MissingAsync(http, key);
    }

    /// <summary>Runs a call of the cache; a problem with the time it may be served stale gets the parameter's name.</summary>
    internal static async Task<T> Renamed<T>(Func<ValueTask<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ProblemException e) when (e.Errors is [{ Field: "serveStaleFor" } error])
        {
            throw ProblemException.ForField(e.Kind, "stale", error.Rule, error.Message.Replace(error.Field, "stale", StringComparison.Ordinal));
        }
    }
}
