using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.Imports;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace CloudStore.Api.Files;

/// <summary>The filters of files as query parameters.</summary>
internal readonly record struct FileQuery(
    [property: FromQuery(Name = "name"), Description("Exactly this name.")] string? Name,
    [property: FromQuery(Name = "type"), Description("Exactly this media type, or all of a kind: audio/*.")] string? Type,
    [property: FromQuery(Name = "tag"), Description("Files that have this tag.")] string? Tag,
    [property: FromQuery(Name = "owner"), Description("Exactly this owner.")] string? Owner,
    [property: FromQuery(Name = "region"), Description("Exactly this region.")] string? Region,
    [property: FromQuery(Name = "sha256"), Description("Files of this content.")] string? Sha256,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To)
{
    public FileFilter ToFilter() => new()
    {
        Name = Name, Type = Type, Tag = Tag, Owner = Owner, Region = Region, Sha256 = Sha256, From = DateParameter.From(From), Before = DateParameter.To(To),
    };
}

/// <summary><c>/v1/files</c>: files go in, and what is known of them.</summary>
internal static class FileEndpoints
{
    private static readonly string[] Parameters = ["name", "type", "tags", "owner", "region", "retention", "expiresAt", "compress", "encrypt"];

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("/v1/files").WithTags("Files").RequireRole(Role.Reader);
        files.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createFile").WithSummary("Store a file")
            .WithDescription("The body is the file, or a multipart form with one. It is hashed, compressed where that pays, and encrypted on its way; the answer comes when it is on the disk. "
                + "Large files over bad lines go through /v1/uploads.")
            .WithMetadata(
                new QueryParameter("name", "What the owner calls it; a form's file has its own."),
                new QueryParameter("type", "Its media type as the sender sees it. What the content looks like counts."),
                new QueryParameter("tags", "Up to 20, with commas between them."),
                new QueryParameter("owner", "Whose it becomes; the caller's where absent. For operators."),
                new QueryParameter("region", "Where its content must be."),
                new QueryParameter("retention", "Days it is kept.", JsonSchemaType.Integer),
                new QueryParameter("expiresAt", "When it is removed; the earlier of this and the retention counts."),
                new QueryParameter("compress", "How it is compressed; auto tries a sample.", JsonSchemaType.String, false, "auto", "none", "gzip", "zlib", "brotli", "xz"),
                new QueryParameter("encrypt", "true, and nothing else: files are always encrypted.", JsonSchemaType.Boolean))
            .Accepts<string>("application/octet-stream", "multipart/form-data", "audio/wav", "*/*").Produces<FileView>(201).WithStreamedBody()
            .WithExample("RIFF....WAVE", FileExamples.File);
        files.MapGet("/", ListAsync).WithName("listFiles").WithSummary("List files")
            .WithDescription("Those the caller may read, newest first. Sortable by createdAt, updatedAt, size, lastAccessedAt and expiresAt.").WithExample(null, FileExamples.Page);
        files.MapGet("/stats", StatsAsync).WithName("getFileStats").WithSummary("Sum files up by type and owner").WithExample(null, FileExamples.Statistics);
        files.MapGet("/{id:guid}", GetAsync).WithName("getFile").WithSummary("Read what is known of a file").WithExample(null, FileExamples.File);
        files.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchFile").WithSummary("Change a file's name, tags or time")
            .WithExample(new FileChange { Name = "zero.wav", Tags = ["digits", "checked"], Retention = 30 }, FileExamples.File);
        files.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteFile").WithSummary("Delete a file")
            .WithDescription("It is out of sight at once; its content is removed when the grace is over (Files:GraceDays). secure=true removes it now: its key is destroyed and its content overwritten, "
                + "which copies in backups do not survive either.");
        files.MapPost("/{id:guid}/verify", VerifyAsync).WithName("verifyFile").WithSummary("Read a file's content and compare it with its hash").WithExample(null, new VerifyView(true, null));
    }

    private static async Task<IResult> CreateAsync(HttpContext http, FileService files, FileIdempotency idempotency, CancellationToken cancellationToken)
    {
        var query = http.Request.Query;
        foreach (var name in query.Keys.Where(n => !Parameters.Contains(n, StringComparer.OrdinalIgnoreCase)))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, name, "unknown", $"There is no parameter '{name}'; there are {string.Join(", ", Parameters)}.");
        }

        if ((string?)query["encrypt"] is { Length: > 0 } encrypt && !encrypt.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "encrypt", "encrypted", $"encrypt is true or absent: files are always encrypted; it is '{encrypt}'.");
        }

        var draft = new FileDraft
        {
            Name = Text(query["name"]),
            Type = Text(query["type"]),
            Tags = FileParameters.Tags(query["tags"]),
            Owner = Text(query["owner"]),
            Region = Text(query["region"]),
            Retention = FileParameters.Days(query["retention"]),
            ExpiresAt = FileParameters.Instant("expiresAt", query["expiresAt"]),
            Compress = FileParameters.Compression(query["compress"]),
        };
        files.Require(draft);
        var body = await UploadBody.OpenPartAsync(http.Request, cancellationToken, mayBeEmpty: true);
        draft = draft with { Name = draft.Name ?? body.Name, Type = draft.Type ?? body.Type ?? http.Request.ContentType };
        var staged = await files.StageAsync(draft, body.Content, body.IsWhole ? http.Request.ContentLength : null, cancellationToken: cancellationToken);
        return await idempotency.KeepAsync(http, staged);
    }

    private static async Task<Ok<Page<FileView>>> ListAsync([AsParameters] FileQuery query, [AsParameters] ListQuery list, FileService files, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok((await files.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken)).Map(FileView.Of));
    }

    private static async Task<Ok<FileStatistics>> StatsAsync(FileStats stats, CancellationToken cancellationToken) => TypedResults.Ok(await stats.ReadAsync(cancellationToken));

    private static async Task<Results<Ok<FileView>, NotModified>> GetAsync(Guid id, FileService files, HttpContext http, CancellationToken cancellationToken)
    {
        var file = await files.GetAsync(id, cancellationToken: cancellationToken);
        return Answers.Read(http, FileView.Of(file), file.Revision);
    }

    private static async Task<Ok<FileView>> PatchAsync(Guid id, MergePatch<FileChange> patch, FileService files, HttpContext http, CancellationToken cancellationToken)
    {
        var file = await files.ChangeAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, FileView.Of(file), file.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, [Description("Removes it for good and at once.")] bool? secure, FileService files, FileRemoval removal, CallerScope caller,
        HttpRequest request, CancellationToken cancellationToken)
    {
        if (secure == true)
        {
            var file = await files.GetAsync(id, FileRight.Write, cancellationToken);
            ETag.RequireMatch(request, file.Revision);
            await removal.RemoveAsync(file, caller.Required.Actor, overwrite: true, cancellationToken);
        }
        else
        {
            await files.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Ok<VerifyView>> VerifyAsync(Guid id, FileService files, CancellationToken cancellationToken)
    {
        var fault = await files.VerifyAsync(await files.GetAsync(id, cancellationToken: cancellationToken), cancellationToken);
        return TypedResults.Ok(new VerifyView(fault is null, fault));
    }

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
