using System.Globalization;
using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Uploads;

namespace CloudStore.Api.Uploads;

/// <summary>The headers of tus 1.0.</summary>
internal static class TusHeaders
{
    private const string Version = "1.0.0";
    private static readonly Dictionary<string, HashAlgorithmName> Algorithms = new(StringComparer.Ordinal)
    {
        ["sha1"] = HashAlgorithmName.SHA1, ["sha256"] = HashAlgorithmName.SHA256,
    };

    /// <summary>Refuses other versions of the protocol, and says on every answer which it is.</summary>
    public static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        // Failures are answered by others, who begin the answer anew.
        response.OnStarting(() =>
        {
            response.Headers["Tus-Resumable"] = Version;
            if (response.StatusCode == StatusCodes.Status412PreconditionFailed)
            {
                response.Headers["Tus-Version"] = Version;
            }

            return Task.CompletedTask;
        });
        return HttpMethods.IsOptions(request.Method) || request.Headers["Tus-Resumable"] == Version ? next(context)
            : throw new ProblemException(ProblemKind.TusVersion, $"Tus-Resumable must be {Version}; it is '{request.Headers["Tus-Resumable"]}'.");
    }

    public static void Describe(HttpResponse response, long maxBytes)
    {
        response.Headers["Tus-Version"] = Version;
        response.Headers["Tus-Max-Size"] = Text(maxBytes);
        response.Headers["Tus-Extension"] = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,concatenation";
        response.Headers["Tus-Checksum-Algorithm"] = string.Join(',', Algorithms.Keys);
    }

    /// <summary>How far the upload has come, and until when it waits.</summary>
    public static void Progress(HttpResponse response, FileUpload upload)
    {
        response.Headers["Upload-Offset"] = Text(upload.Offset);
        if (!upload.IsDone)
        {
            response.Headers["Upload-Expires"] = upload.ExpiresAt.ToString("R", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What else a client may want to know that goes on.</summary>
    public static void Full(HttpResponse response, FileUpload upload)
    {
        if (upload.Length is { } length)
        {
            response.Headers["Upload-Length"] = Text(length);
        }
        else
        {
            response.Headers["Upload-Defer-Length"] = "1";
        }

        if (upload.Metadata is { Length: > 0 } metadata)
        {
            response.Headers["Upload-Metadata"] = metadata;
        }

        if (upload.IsPartial || upload.Parts is not null)
        {
            response.Headers["Upload-Concat"] = upload.Parts is null ? "partial" : $"final;{string.Join(' ', upload.Parts.Split(' ').Select(p => $"{UploadEndpoints.Path}/{p}"))}";
        }
    }

    /// <exception cref="ProblemException">Neither a length nor that it comes later, or both.</exception>
    public static long? Length(IHeaderDictionary headers)
    {
        var (length, deferred) = (Number(headers, "Upload-Length"), headers["Upload-Defer-Length"].ToString());
        return (length, deferred) switch
        {
            ({ }, "") => length,
            (null, "1") => null,
            (null, "") => throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Length", "required", "Upload-Length is missing; where the length is not known yet, send Upload-Defer-Length: 1."),
            (null, _) => throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Defer-Length", "known-value", $"Upload-Defer-Length is 1 or absent; it is '{deferred}'."),
            _ => throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Defer-Length", "either", "There is Upload-Length, so there is nothing to defer."),
        };
    }

    /// <exception cref="ProblemException">It is no whole number.</exception>
    public static long? Number(IHeaderDictionary headers, string name)
    {
        var text = headers[name].ToString();
        return text.Length == 0 ? null : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw ProblemException.ForField(ProblemKind.Invalid, name, "whole-number", $"{name} must be a whole number, not negative; it is '{text}'.");
    }

    /// <exception cref="ProblemException">The algorithm is another one, or the digest none of it.</exception>
    public static UploadChecksum? Checksum(IHeaderDictionary headers)
    {
        var text = headers["Upload-Checksum"].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        var parts = text.Split(' ', 2);
        var digest = new byte[text.Length];
        if (!Algorithms.TryGetValue(parts[0], out var algorithm) || parts.Length != 2 || !Convert.TryFromBase64String(parts[1], digest, out int length) || length != Bytes(algorithm))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Checksum", "checksum", $"Upload-Checksum is one of {string.Join(", ", Algorithms.Keys)}, a space and the base64 of the digest; it is '{text}'.");
        }

        return new UploadChecksum(algorithm, digest[..length]);
    }

    /// <summary>The ids of the uploads that a final one is put together of: paths, or whole addresses of this service.</summary>
    /// <exception cref="ProblemException">One is no upload of this service.</exception>
    public static IReadOnlyList<Guid> Parts(string urls, HttpRequest request)
    {
        var parts = new List<Guid>();
        foreach (var url in urls.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https" && absolute.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase) ? absolute.AbsolutePath : url;
            parts.Add(path.StartsWith(UploadEndpoints.Path + "/", StringComparison.Ordinal) && Guid.TryParse(path[(UploadEndpoints.Path.Length + 1)..], out var id) ? id
                : throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Concat", "upload", $"Upload-Concat names '{url}', which is no upload of this service."));
        }

        return parts.Count is > 0 and <= 1000 ? parts : throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Concat", "max-items", $"Upload-Concat names {parts.Count} uploads; there may be 1 to 1,000.");
    }

    private static int Bytes(HashAlgorithmName algorithm) => algorithm == HashAlgorithmName.SHA256 ? 32 : 20;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>For clients that cannot send PATCH and DELETE: <c>X-HTTP-Method-Override</c> names the method, as tus 1.0 wants it.</summary>
internal static class UploadMethods
{
    private const string Override = "X-HTTP-Method-Override";

    public static IApplicationBuilder UseUploadMethods(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(UploadEndpoints.Path) && context.Request.Headers[Override].ToString() is { Length: > 0 } method)
        {
            context.Request.Method = method.ToUpperInvariant();
        }

        return next(context);
    });
}
