using System.Buffers.Text;
using System.Security.Cryptography;
using CloudStore.Api.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CloudStore.Api.Cache.Answers;

/// <summary>Lets the endpoint answer into memory, once for a request.</summary>
internal sealed class AnswerRun(RequestDelegate next, HttpContext http, int mostBytes)
{
    private MemoryStream? _kept;

    /// <summary>True once this request's own endpoint was run, so that the answer's headers are those it has set.</summary>
    public bool Ran { get; private set; }

    /// <exception cref="NotKeptException">The answer is none to keep; <see cref="SendAsync"/> sends it.</exception>
    public async ValueTask<CachedAnswer> RunAsync()
    {
        Ran = true;
        var (request, response) = (http.Request, http.Response);
        var condition = request.Headers.IfNoneMatch;
        var output = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var body = new MemoryStream();
        var capture = new StreamResponseBodyFeature(body);
        http.Features.Set<IHttpResponseBodyFeature>(capture);
        // What is kept is the whole answer, also where this caller has it already.
        request.Headers.IfNoneMatch = default;
        try
        {
            await next(http);
            await capture.CompleteAsync();
            // Where the caller left meanwhile the answer may be part of one: results write no further then, and say nothing of it.
            http.RequestAborted.ThrowIfCancellationRequested();
        }
        finally
        {
            http.Features.Set(output);
            request.Headers.IfNoneMatch = condition;
        }

        if (response.StatusCode != StatusCodes.Status200OK || body.Length > mostBytes || response.ContentType is not { } type || response.Headers.SetCookie.Count > 0)
        {
            _kept = body;
            throw new NotKeptException();
        }

        var bytes = body.ToArray();
        var link = response.Headers.Link;
        return new CachedAnswer(bytes, type, (string?)response.Headers.ETag ?? TagOf(bytes), link.Count == 0 ? null : link.ToString());
    }

    /// <summary>Sends an answer that is not kept.</summary>
    public Task SendAsync()
    {
        var (response, body) = (http.Response, _kept!);
        // Some bodies get a tag of their bytes, so that asking again costs the caller little, kept or not.
        if (response.StatusCode == StatusCodes.Status200OK)
        {
            var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
            response.Headers.ETag = (string?)response.Headers.ETag ?? TagOf(bytes);
            if (ETag.IsUnchanged(http.Request, response.Headers.ETag!))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                (response.ContentType, response.ContentLength) = (null, null);
                return Task.CompletedTask;
            }

            response.ContentLength = body.Length;
        }

        // Writing nothing would begin the answer, and a failure that is a status alone gets its problem details behind this.
        return body.Length == 0 ? Task.CompletedTask : response.Body.WriteAsync(body.GetBuffer(), 0, (int)body.Length, http.RequestAborted);
    }

    // Half of a SHA-256: enough to tell answers apart.
    private static string TagOf(ReadOnlySpan<byte> body) => $"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, 16))}\"";
}

/// <summary>The endpoint gave an answer that is not to be kept.</summary>
internal sealed class NotKeptException : Exception;
