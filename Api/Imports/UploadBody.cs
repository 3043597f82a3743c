using CloudStore.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CloudStore.Api.Imports;

/// <summary>Finds the file in a request: the body itself, or the first file of a multipart form. It is streamed either way.</summary>
internal static class UploadBody
{
    /// <exception cref="ProblemException">There is no body, or the form has no file.</exception>
    public static async Task<Stream> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The engine counts the bytes itself, against the setting Imports:MaxUploadBytes.
            size.MaxRequestBodySize = null;
        }

        if (request.ContentLength == 0)
        {
            throw Missing("The request has no body; send the file, for instance with curl -T FILE or --data-binary @FILE.");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return request.Body;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
        {
            throw Missing("The multipart form names no boundary.");
        }

        var form = new MultipartReader(boundary, request.Body);
        while (await form.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (section.GetContentDispositionHeader()?.IsFileDisposition() == true)
            {
                return section.Body;
            }
        }

        throw Missing("The multipart form holds no file; curl sends one with -F file=@FILE.");
    }

    private static ProblemException Missing(string message) => ProblemException.ForField(ProblemKind.Malformed, "body", "required", message);
}
