using System.Globalization;
using System.Text;
using CloudStore.Api.Http;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Frames;
using Microsoft.Net.Http.Headers;

namespace CloudStore.Api.Files;

/// <summary>
/// A file's content as an answer: the whole of it, a part, or several parts (RFC 9110 section 14). It is a download to a browser, never a page; whether the caller may still read it is
/// asked again every second, and an answer that may not go on, or turns out to be damaged, is cut off, so that no client takes it for whole.
/// </summary>
internal sealed class FileContent(StoredFile file, FileService files, Func<CancellationToken, Task<bool>> mayGoOn) : IResult
{
    private const int MostParts = 32;
    private const int BufferBytes = 256 << 10;
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    // In whole seconds, as it is told. A content never changes.
    private DateTimeOffset Modified => new(file.CreatedAt.Ticks - file.CreatedAt.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero);

    public async Task ExecuteAsync(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        var tag = $"\"{file.Sha256}\"";
        response.Headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.LastModified = HeaderUtilities.FormatDate(Modified);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers.ContentDisposition = Disposition(file.Name);
        if (IsUnchanged(request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        // A range is of GET alone (RFC 9110 section 14.2), and HEAD comes here as one.
        var parts = HeadRequests.IsHead(http) ? null : Parts(request, tag);
        if (parts is { Count: 0 })
        {
            // The problem's answer is begun anew.
            response.OnStarting(() =>
            {
                response.Headers.ContentRange = $"bytes */{file.Size}";
                return Task.CompletedTask;
            });
            throw new ProblemException(ProblemKind.Range, $"The content has {file.Size} bytes, and none of them is in the range that is asked for.");
        }

        bool whole = parts is null;
        parts ??= [(0, file.Size)];
        response.StatusCode = whole ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent;
        var boundary = parts.Count > 1 ? $"{Guid.CreateVersion7():n}" : null;
        response.ContentType = boundary is null ? file.Type : $"multipart/byteranges; boundary={boundary}";
        response.ContentLength = boundary is null ? parts[0].End - parts[0].Start : parts.Sum(p => Head(boundary, p).Length + p.End - p.Start) + Tail(boundary).Length;
        if (boundary is null && !whole)
        {
            response.Headers.ContentRange = $"bytes {parts[0].Start}-{parts[0].End - 1}/{file.Size}";
        }

        if (HeadRequests.IsHead(http))
        {
            return;
        }

        await using var content = await files.OpenAsync(file, whole, cancellationToken: http.RequestAborted);
        await SendAsync(http, content, parts, boundary);
    }

    private async Task SendAsync(HttpContext http, FrameStream content, IReadOnlyList<(long Start, long End)> parts, string? boundary)
    {
        var cancel = http.RequestAborted;
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        long asked = time.GetTimestamp();
        foreach (var part in parts)
        {
            if (boundary is not null)
            {
                await http.Response.Body.WriteAsync(Head(boundary, part), cancel);
            }

            content.Position = part.Start;
            content.StopAt(part.End);
            while (content.Position < part.End)
            {
                if (time.GetElapsedTime(asked) >= AskAgain)
                {
                    if (!await mayGoOn(cancel))
                    {
                        http.Abort();
                        return;
                    }

                    asked = time.GetTimestamp();
                }

                var memory = http.Response.BodyWriter.GetMemory(BufferBytes);
                int read = await content.ReadAsync(memory, cancel);
                if (read == 0)
                {
                    throw new EndOfStreamException($"The content of the file {file.Id} ends at {content.Position}, before {part.End}.");
                }

                http.Response.BodyWriter.Advance(read);
                await http.Response.BodyWriter.FlushAsync(cancel);
            }
        }

        if (boundary is not null)
        {
            await http.Response.Body.WriteAsync(Tail(boundary), cancel);
        }
    }

    // The order is that of RFC 9110 section 13.2.2; a date that is none, and one beside a tag, is ignored.
    private bool IsUnchanged(HttpRequest request, string tag)
    {
        var headers = request.Headers;
        if (headers.IfMatch.Count > 0 ? ETag.Expecting(headers.IfMatch)?.Invoke(tag) == false
            : HeaderUtilities.TryParseDate(headers.IfUnmodifiedSince.ToString(), out var until) && Modified > until)
        {
            throw new ProblemException(ProblemKind.Stale, $"The content is {tag} of {HeaderUtilities.FormatDate(Modified)}, which If-Match or If-Unmodified-Since does not allow.");
        }

        return headers.IfNoneMatch.Count > 0 ? ETag.IsUnchanged(request, tag)
            : HeaderUtilities.TryParseDate(headers.IfModifiedSince.ToString(), out var since) && Modified <= since;
    }

    /// <summary>Null for the whole; empty where none of the ranges is in the content. What is not understood, and more parts than anybody needs, are answered with the whole.</summary>
    private List<(long Start, long End)>? Parts(HttpRequest request, string tag)
    {
        if (!HttpMethods.IsGet(request.Method) || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var range) || range.Unit != "bytes"
            || range.Ranges.Count is 0 or > MostParts)
        {
            return null;
        }

        var condition = request.Headers.IfRange.ToString();
        if (condition.Length > 0 && condition != tag)
        {
            return null;
        }

        var parts = new List<(long Start, long End)>();
        foreach (var wanted in range.Ranges)
        {
            long start = wanted.From ?? Math.Max(0, file.Size - wanted.To!.Value);
            long end = wanted.From is null ? file.Size : Math.Min(file.Size - 1, wanted.To ?? long.MaxValue) + 1;
            if (start < end)
            {
                parts.Add((start, end));
            }
        }

        // Parts that overlap many times over are an attack (RFC 9110 section 17.15).
        return parts.Sum(p => p.End - p.Start) > file.Size && parts.Count > 1 ? null : parts;
    }

    private byte[] Head(string boundary, (long Start, long End) part) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"\r\n--{boundary}\r\nContent-Type: {file.Type}\r\nContent-Range: bytes {part.Start}-{part.End - 1}/{file.Size}\r\n\r\n"));

    private static byte[] Tail(string boundary) => Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");

    // RFC 6266: the name in ASCII for old clients, and as it is by RFC 8187; both are escaped so that no name can end the header or add to it.
    private static string Disposition(string? name)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        if (name is { Length: > 0 })
        {
            disposition.SetHttpFileName(name);
        }

        return disposition.ToString();
    }
}
