using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;

namespace CloudStore.Api.Files;

/// <summary><c>/v1/files/{id}/content</c>, and the same by a link.</summary>
internal static class FileContentEndpoints
{
    public static void MapFileContents(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("/v1/files/{id:guid}").WithTags("Files").RequireRole(Role.Reader);
        files.MapGet("/content", GetAsync).WithName("getFileContent").WithSummary("Read a file's content")
            .WithDescription("Range (one part or several), If-Range, If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since as RFC 9110 has them; the ETag is the content's SHA-256. Only what is asked for is read and decrypted.")
            .Produces<string>(200, "application/octet-stream").Produces<string>(206, "application/octet-stream").WithExample(null, "RIFF....WAVE");
        routes.MapGet("/shared/{link}", LinkedAsync).AllowNoKey().ExcludeFromDescription();
    }

    private static async Task<IResult> GetAsync(Guid id, FileService files, FileRights rights, CancellationToken cancellationToken)
    {
        var file = await files.GetAsync(id, cancellationToken: cancellationToken);
        return new FileContent(file, files, async ct => await rights.RightAsync(file.Id, file.Owner, ct) is not null);
    }

    private static async Task<IResult> LinkedAsync(string link, HttpContext http, FileLinks links, LinkRefusals refusals, TimeProvider time, CancellationToken cancellationToken)
    {
        refusals.RequirePatience(http, links.IsQuick(link));
        var linked = links.Read(link) ?? throw refusals.Of(http, ProblemKind.NotFound, "unknown-link", null, "There is no such link: it is not one that was given out, or it was changed.");
        var caller = new Caller(linked.Tenant, "link", Role.Operator);
        if (time.GetUtcNow() >= linked.ExpiresAt)
        {
            throw refusals.Of(http, ProblemKind.Expired, "expired-link", caller, "The link has expired.");
        }

        // The link stands for its tenant's right to the file.
        var scope = http.RequestServices.GetRequiredService<CallerScope>();
        (scope.Current, scope.Request) = (caller, http);
        http.Request.Headers.Remove(FileRights.Header);
        var files = http.RequestServices.GetRequiredService<FileService>();
        http.Response.Headers.CacheControl = "private, no-store";
        try
        {
            return new FileContent(await files.GetAsync(linked.File, cancellationToken: cancellationToken), files, _ => Task.FromResult(time.GetUtcNow() < linked.ExpiresAt));
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.NotFound)
        {
            throw refusals.Of(http, ProblemKind.Expired, "gone", caller, "The file that the link led to is gone.");
        }
    }
}
