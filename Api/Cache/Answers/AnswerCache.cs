using System.Globalization;
using CloudStore.Api.Http;
using CloudStore.Storage.Access;
using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Changes;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Cache.Answers;

/// <summary>
/// Answers GETs of endpoints with an <see cref="AnswerRule"/> with the bytes of an answer before, while none of the records it depends on has changed. Stands behind the access
/// check. <c>Cache-Status</c> (RFC 9211) and <c>Age</c> say so; <c>If-None-Match</c> is answered too. Concurrent requests for the same are one reading.
/// </summary>
internal sealed class AnswerCache(RequestDelegate next, CacheEngine engine, RecordChanges changes, IOptions<CacheOptions> options)
{
    private const string StatusHeader = "Cache-Status";
    private const string Hit = "cloudstore; hit";
    private const string Miss = "cloudstore; fwd=miss; stored";
    private readonly double _seconds = options.Value.AnswerSeconds;
    private readonly int _mostBytes = options.Value.LargestAnswerBytes;

    public Task InvokeAsync(HttpContext http) =>
        _seconds > 0 && HttpMethods.IsGet(http.Request.Method) && http.GetEndpoint()?.Metadata.GetMetadata<AnswerRule>() is { } rule
        && http.RequestServices.GetRequiredService<CallerScope>().Current is { } caller && AnswerKey.Of(http.Request) is { } key
            ? AnswerAsync(http, rule, caller.Tenant, key) : next(http);

    private async Task AnswerAsync(HttpContext http, AnswerRule rule, string tenant, string key)
    {
        foreach (var table in rule.Tables)
        {
            if (!await changes.SettleAsync(tenant, table, rule.Many))
            {
                await next(http);
                return;
            }
        }

        var run = new AnswerRun(next, http, _mostBytes);
        CacheResult<CachedAnswer> answer;
        try
        {
            // Without a token the cache waits for the run, which works on this very request; the run itself ends when the caller goes.
            IStoreCache cache = engine.For(tenant);
            answer = await cache.GetOrCreateResultAsync(key, run, static (r, _) => r.RunAsync(), rule.Options(_seconds), CancellationToken.None);
        }
        catch (NotKeptException) when (run.Ran)
        {
            await run.SendAsync();
            return;
        }
        catch (Exception) when (!run.Ran)
        {
            // Another request's run failed, or its answer was none to keep. This one may fare better, and if not, its problem is its own.
            await next(http);
            return;
        }

        await WriteAsync(http, answer, run.Ran);
    }

    private Task WriteAsync(HttpContext http, CacheResult<CachedAnswer> result, bool own)
    {
        var (response, answer) = (http.Response, result.Value!);
        var headers = response.Headers;
        headers[StatusHeader] = own ? Miss : Hit;
        headers.ETag = answer.ETag;
        if (!own)
        {
            headers.Age = ((long)Math.Max(0, _seconds - (result.Remaining?.TotalSeconds ?? _seconds))).ToString(CultureInfo.InvariantCulture);
            headers.Link = answer.Link;
        }

        if (ETag.IsUnchanged(http.Request, answer.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            response.ContentType = null;
            return Task.CompletedTask;
        }

        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        return response.Body.WriteAsync(answer.Body, http.RequestAborted).AsTask();
    }
}
