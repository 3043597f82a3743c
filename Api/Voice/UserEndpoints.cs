using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Voice;

/// <summary>The filters of users as query parameters.</summary>
internal readonly record struct UserQuery(
    [property: FromQuery(Name = "username"), Description("Exactly this username.")] string? Username,
    [property: FromQuery(Name = "email"), Description("Exactly this email, in any case: it is found by its keyed hash.")] string? Email,
    [property: FromQuery(Name = "role"), Description("Users who have this role.")] string? Role,
    [property: FromQuery(Name = "locale"), Description("Exactly this locale.")] string? Locale,
    [property: FromQuery(Name = "status"), Description("Exactly this status: active, suspended or closed.")] string? Status)
{
    public UserFilter ToFilter() => new() { Username = Username, Email = Email, Role = Role, Locale = Locale, Status = QueryEnum.Optional<UserStatus>("status", Status) };
}

/// <summary><c>/v1/voice/users</c>: who is served.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/voice/users").WithTags("Voice").RequireRole(Role.Reader);
        group.MapGet("/", ListAsync).WithName("listVoiceUsers").WithSummary("List users")
            .WithDescription("Newest first. Sortable by createdAt, updatedAt and username; not by email or phone, which the database cannot read.").WithExample(null, VoiceExamples.Page(VoiceExamples.User));
        group.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createVoiceUser").WithSummary("Create a user")
            .WithDescription("The username is what everything else of the user goes by, stored files included, and cannot be changed.").WithExample(VoiceExamples.UserDraft, VoiceExamples.User);
        group.MapGet("/{id:guid}", GetAsync).WithName("getVoiceUser").WithSummary("Read a user").WithExample(null, VoiceExamples.User);
        group.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceVoiceUser").WithSummary("Replace a user")
            .WithDescription("What the body leaves out is cleared.").WithExample(VoiceExamples.UserDraft, VoiceExamples.User);
        group.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchVoiceUser").WithSummary("Change parts of a user")
            .WithExample(new UserDraft { Status = UserStatus.Suspended }, VoiceExamples.User);
        group.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteVoiceUser").WithSummary("Delete a user")
            .WithDescription("The record is kept, out of sight, with when, who and the reason.");
    }

    private static async Task<Ok<Page<User>>> ListAsync([AsParameters] UserQuery query, [AsParameters] ListQuery list, UserService service, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await service.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<User>> CreateAsync(UserDraft draft, UserService service, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await service.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, made, $"/v1/voice/users/{made.Id}", made.Revision);
    }

    private static async Task<Results<Ok<User>, NotModified>> GetAsync(Guid id, UserService service, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await service.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }

    private static async Task<Ok<User>> ReplaceAsync(Guid id, UserDraft draft, UserService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<Ok<User>> PatchAsync(Guid id, MergePatch<UserDraft> patch, UserService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, UserService service, HttpRequest request, CancellationToken cancellationToken)
    {
        await service.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
