using CloudStore.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CloudStore.Api.Imports;

/// <summary>A file as a request brings it.</summary>
/// <param name="Name">As the form names it.</param>
/// <param name="Type">As the form says.</param>
/// <param name="IsWhole">It is the whole body.</param>
internal readonly record struct UploadPart(Stream Content, string? Name, string? Type, bool IsWhole);

/// <summary>Finds the file in a request: the body itself, or the first file of a multipart form. It is streamed either way.</summary>
internal static class UploadBody
{
    /// <exception cref="ProblemException">There is no body, or the form has no file.</exception>
    public static async Task<Stream> OpenAsync(HttpRequest request, CancellationToken cancellationToken) => (await OpenPartAsync(request, cancellationToken)).Content;

    /// <summary>The same, with what a form says of its file.</summary>
    /// <param name="mayBeEmpty">A body without a byte is a file, of none.</param>
    /// <exception cref="ProblemException">There is no body, or the form has no file.</exception>
    public static async Task<UploadPart> OpenPartAsync(HttpRequest request, CancellationToken cancellationToken, bool mayBeEmpty = false)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The engine counts the bytes itself, against the setting Imports:MaxUploadBytes.
            size.MaxRequestBodySize = null;
        }

        if (request.ContentLength == 0 && !mayBeEmpty)
        {
            throw Missing("The request has no body; send the file, for instance with curl -T FILE or --data-binary @FILE.");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return new UploadPart(request.Body, null, null, IsWhole: true);
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
        {
            throw Missing("The multipart form names no boundary.");
        }

        try
        {
            var form = new MultipartReader(boundary, request.Body);
            while (await form.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.GetContentDispositionHeader() is { } disposition && disposition.IsFileDisposition())
                {
                    var name = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
                    return new UploadPart(new FormFile(section.Body), string.IsNullOrEmpty(name) ? null : name, section.ContentType, IsWhole: false);
                }
            }
        }
        catch (Exception e) when (IsBrokenForm(e))
        {
            throw Broken(e);
        }

        throw Missing("The multipart form holds no file; curl sends one with -F file=@FILE.");
    }

    // What the reader of forms throws where a form ends too early, or has parts that are none. Failures of the connection are of other types.
    private static bool IsBrokenForm(Exception e) => e is InvalidDataException || e.GetType() == typeof(IOException);

    private static ProblemException Broken(Exception e) =>
        new(ProblemKind.Malformed, "The multipart form cannot be read.", [new ProblemError("body", "multipart", $"The multipart form cannot be read: {e.Message.Split(',')[0].Trim().TrimEnd('.')}.")], e);

    private static ProblemException Missing(string message) => ProblemException.ForField(ProblemKind.Malformed, "body", "required", message);

    /// <summary>A file in a form, whose faults are the sender's.</summary>
    private sealed class FormFile(Stream content) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await content.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (IsBrokenForm(e))
            {
                throw Broken(e);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
