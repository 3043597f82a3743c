using CloudStore.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace CloudStore.Api.Cache;

/// <summary>Reads a value from a request, never more of it than the limit.</summary>
internal static class CacheBody
{
    private const int First = 16 * 1024;

    /// <summary>The entry's bytes, content type and all.</summary>
    /// <exception cref="ProblemException">Of kind too-large.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, int most, CancellationToken cancellationToken)
    {
        var type = CacheValue.TypeOf(request.ContentType, "Content-Type");
        int head = CacheValue.HeadLength(type);
        // The type is a part of what is kept, and counts.
        most -= head;
        if (request.ContentLength > most)
        {
            throw TooLarge(most);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // Counted here, so that the problem names the setting.
            size.MaxRequestBodySize = null;
        }

        var entry = new byte[head + (request.ContentLength ?? First)];
        int length = head;
        while (true)
        {
            if (length == entry.Length)
            {
                // Whether this was all is known when nothing more comes.
                if (request.ContentLength is not null)
                {
                    break;
                }

                Array.Resize(ref entry, (int)Math.Min(head + (long)most + 1, entry.Length * 2L));
            }

            int read = await request.Body.ReadAsync(entry.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
            if (length - head > most)
            {
                throw TooLarge(most);
            }
        }

        Array.Resize(ref entry, length);
        return CacheValue.Complete(type, entry);
    }

    private static ProblemException TooLarge(int most) =>
        new(ProblemKind.TooLarge, $"value must not be longer than {most} bytes (Cache:LargestValueBytes).", [new ProblemError("value", "most-bytes", $"value must not be longer than {most} bytes.")]);
}
