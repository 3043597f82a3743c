using System.ComponentModel;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Files;

/// <summary><c>/v1/files/{id}/access</c> and <c>/links</c>: who else may do what with a file.</summary>
internal static class FileAccessEndpoints
{
    private const int LongestLink = 30 * 24 * 3600;

    public static void MapFileAccess(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("/v1/files/{id:guid}").WithTags("Files").RequireRole(Role.Reader);
        files.MapGet("/access", ListAsync).WithName("listFileAccess").WithSummary("List who may do what with a file").WithExample(null, new[] { FileExamples.Grant });
        files.MapPost("/access", GrantAsync).RequireRole(Role.Writer).WithName("grantFileAccess").WithSummary("Give a user a right to a file")
            .WithDescription("read, write (change and delete as well) or owner (grant as well). It takes the place of the right that the user has.")
            .WithExample(new GrantDraft("lucas", FileRight.Read), FileExamples.Grant);
        files.MapDelete("/access/{user}", RevokeAsync).RequireRole(Role.Writer).WithName("revokeFileAccess").WithSummary("Take a user's right to a file back")
            .WithDescription("Downloads of the user's that are going on end.");
        files.MapPost("/links", LinkAsync).RequireRole(Role.Writer).WithName("linkFile").WithSummary("Make a link to a file that needs no key")
            .WithDescription("It is signed, and good until it expires or the file is gone. Whoever has it can read the file.").WithExample(new LinkDraft(3600), FileExamples.Link);
    }

    private static async Task<Ok<GrantView[]>> ListAsync(Guid id, FileGrants grants, CancellationToken cancellationToken) =>
        TypedResults.Ok((await grants.ListAsync(id, cancellationToken)).Select(GrantView.Of).ToArray());

    private static async Task<Ok<GrantView>> GrantAsync(Guid id, GrantDraft draft, FileGrants grants, CancellationToken cancellationToken) =>
        TypedResults.Ok(GrantView.Of(await grants.GrantAsync(id, draft.User, draft.Right, draft.ExpiresAt, cancellationToken)));

    private static async Task<NoContent> RevokeAsync(Guid id, [Description("Whose right it is.")] string user, FileGrants grants, CancellationToken cancellationToken)
    {
        await grants.RevokeAsync(id, user, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<LinkView>> LinkAsync(Guid id, LinkDraft draft, FileService files, FileLinks links, TimeProvider time, CancellationToken cancellationToken)
    {
        if (draft.Seconds is < 1 or > LongestLink)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "seconds", "range", $"seconds must be from 1 to {LongestLink:N0}, which is 30 days; it is {draft.Seconds}.");
        }

        var file = await files.GetAsync(id, FileRight.Owner, cancellationToken);
        var end = time.GetUtcNow().AddSeconds(draft.Seconds).UtcDateTime;
        end = new DateTime(end.Ticks - end.Ticks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);
        return TypedResults.Ok(new LinkView($"/shared/{links.Make(file.Tenant, file.Id, end)}", end));
    }
}
