using CloudStore.Api.Imports;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Uploads;

/// <summary>
/// <c>/v1/uploads</c>: uploads that survive a broken connection, by tus 1.0 (https://tus.io/protocols/resumable-upload): core, creation, creation-with-upload, creation-defer-length,
/// expiration, checksum, termination and concatenation. A finished upload is the file of the same id.
/// </summary>
internal static class UploadEndpoints
{
    public const string Path = "/v1/uploads";
    private const string Offset = "application/offset+octet-stream";

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        var uploads = routes.MapGroup(Path).WithTags("Uploads").RequireRole(Role.Writer).AddEndpointFilter(TusHeaders.CheckAsync);
        uploads.MapMethods("/", ["OPTIONS"], Options).RequireRole(Role.Reader).WithName("describeUploads").WithSummary("What of tus 1.0 is spoken here").Produces(204);
        uploads.MapPost("/", CreateAsync).WithName("createUpload").WithSummary("Begin a resumable upload (tus 1.0)")
            .WithDescription("Upload-Length, or Upload-Defer-Length: 1; Upload-Metadata with name, type, tags, owner, region, retention, expiresAt and compress; Upload-Concat: partial, or final;URL URL. "
                + "A body of the type application/offset+octet-stream is the upload's beginning. Location leads to the upload; when all of it is there it is the file of the same id.")
            .Produces<string>(201, "text/plain").WithStreamedBody().WithExample(null, "");
        uploads.MapMethods("/{id:guid}", ["HEAD"], HeadAsync).WithName("headUpload").WithSummary("Ask how far an upload has come").Produces<string>(200, "text/plain").WithExample(null, "");
        uploads.MapMethods("/{id:guid}", ["PATCH"], AppendAsync).WithName("appendToUpload").WithSummary("Go on with an upload")
            .WithDescription("Upload-Offset is where the upload is; Upload-Checksum is sha1 or sha256 and the base64 of it. What has arrived when a connection breaks is kept.")
            .Accepts<string>(Offset).Produces(204).WithExample("RIFF....WAVE", null);
        uploads.MapDelete("/{id:guid}", TerminateAsync).WithName("deleteUpload").WithSummary("Give an upload up").Produces(204);
    }

    private static NoContent Options(HttpContext http, IOptions<FilesOptions> options)
    {
        TusHeaders.Describe(http.Response, options.Value.MaxBytes);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> CreateAsync(HttpContext http, UploadService uploads, CancellationToken cancellationToken)
    {
        var (headers, metadata) = (http.Request.Headers, (string?)http.Request.Headers["Upload-Metadata"]);
        var concat = headers["Upload-Concat"].ToString();
        FileUpload upload;
        if (concat.StartsWith("final;", StringComparison.Ordinal))
        {
            upload = await uploads.ConcatenateAsync(TusHeaders.Parts(concat["final;".Length..], http.Request), metadata, cancellationToken);
        }
        else
        {
            if (concat.Length > 0 && concat != "partial")
            {
                throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Concat", "known-value", $"Upload-Concat is 'partial' or 'final;' and uploads; it is '{concat}'.");
            }

            upload = await uploads.CreateAsync(TusHeaders.Length(headers), metadata, concat == "partial", cancellationToken);
            http.Response.Headers.Location = $"{Path}/{upload.Id}";
            upload = IsOffset(http.Request) || upload.Length == 0 ? await TakeAsync(http, upload, 0, null, uploads, cancellationToken) : upload;
        }

        http.Response.Headers.Location = $"{Path}/{upload.Id}";
        TusHeaders.Progress(http.Response, upload);
        return TypedResults.StatusCode(StatusCodes.Status201Created);
    }

    private static async Task<IResult> HeadAsync(Guid id, HttpContext http, UploadService uploads, CancellationToken cancellationToken)
    {
        var upload = await uploads.GetAsync(id, cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        TusHeaders.Progress(http.Response, upload);
        TusHeaders.Full(http.Response, upload);
        return TypedResults.StatusCode(StatusCodes.Status200OK);
    }

    private static async Task<IResult> AppendAsync(Guid id, HttpContext http, UploadService uploads, CancellationToken cancellationToken)
    {
        if (!IsOffset(http.Request))
        {
            throw new ProblemException(ProblemKind.UnsupportedMedia, $"An upload goes on with a body of the type {Offset}; this one is '{http.Request.ContentType}'.");
        }

        long offset = TusHeaders.Number(http.Request.Headers, "Upload-Offset") ?? throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Offset", "required", "Upload-Offset is missing.");
        var upload = await uploads.GetAsync(id, cancellationToken);
        upload = await TakeAsync(http, upload, offset, TusHeaders.Number(http.Request.Headers, "Upload-Length"), uploads, cancellationToken);
        TusHeaders.Progress(http.Response, upload);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> TerminateAsync(Guid id, UploadService uploads, CancellationToken cancellationToken)
    {
        await uploads.TerminateAsync(await uploads.FindAsync(id, cancellationToken), cancellationToken);
        return TypedResults.NoContent();
    }

    private static Task<FileUpload> TakeAsync(HttpContext http, FileUpload upload, long offset, long? length, UploadService uploads, CancellationToken cancellationToken)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The engine counts the bytes itself, against the upload's length and the setting Files:MaxBytes.
            size.MaxRequestBodySize = null;
        }

        return uploads.AppendAsync(upload, offset, length, http.Request.Body, http.Request.ContentLength, TusHeaders.Checksum(http.Request.Headers), cancellationToken);
    }

    private static bool IsOffset(HttpRequest request) => string.Equals(request.ContentType, Offset, StringComparison.OrdinalIgnoreCase);
}
