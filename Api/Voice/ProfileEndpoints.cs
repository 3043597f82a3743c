using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Profiles;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Voice;

/// <summary>The filters of profiles as query parameters.</summary>
internal readonly record struct ProfileQuery(
    [property: FromQuery(Name = "username"), Description("Exactly this username.")] string? Username,
    [property: FromQuery(Name = "language"), Description("Exactly this language tag.")] string? Language);

/// <summary><c>/v1/voice/profiles</c>: how users want to be served.</summary>
internal static class ProfileEndpoints
{
    public static void MapProfiles(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/voice/profiles").WithTags("Voice").RequireRole(Role.Reader);
        group.MapGet("/", ListAsync).WithName("listVoiceProfiles").WithSummary("List profiles")
            .WithDescription("Newest first. Sortable by createdAt, updatedAt and username.").WithExample(null, VoiceExamples.Page(VoiceExamples.Profile));
        group.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createVoiceProfile").WithSummary("Create a profile")
            .WithDescription("One for each user. accent and preferences need the consent personalization; retentionDays is within the bounds of the tenant.").WithExample(VoiceExamples.ProfileDraft, VoiceExamples.Profile);
        group.MapGet("/{id:guid}", GetAsync).WithName("getVoiceProfile").WithSummary("Read a profile").WithExample(null, VoiceExamples.Profile);
        group.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceVoiceProfile").WithSummary("Replace a profile")
            .WithDescription("What the body leaves out is cleared.").WithExample(VoiceExamples.ProfileDraft, VoiceExamples.Profile);
        group.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchVoiceProfile").WithSummary("Change parts of a profile")
            .WithExample(new ProfileDraft { RetentionDays = 90 }, VoiceExamples.Profile);
        group.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteVoiceProfile").WithSummary("Delete a profile")
            .WithDescription("The record is kept, out of sight, with when, who and the reason.");
    }

    private static async Task<Ok<Page<UserProfile>>> ListAsync([AsParameters] ProfileQuery query, [AsParameters] ListQuery list, ProfileService service, CancellationToken cancellationToken)
    {
        return TypedResults.Ok(await service.ListAsync(query.Username, query.Language, list.ToPage($"voice-profiles\u001f{query.Username}\u001f{query.Language}"), cancellationToken));
    }

    private static async Task<Created<UserProfile>> CreateAsync(ProfileDraft draft, ProfileService service, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await service.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, made, $"/v1/voice/profiles/{made.Id}", made.Revision);
    }

    private static async Task<Results<Ok<UserProfile>, NotModified>> GetAsync(Guid id, ProfileService service, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await service.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }

    private static async Task<Ok<UserProfile>> ReplaceAsync(Guid id, ProfileDraft draft, ProfileService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<Ok<UserProfile>> PatchAsync(Guid id, MergePatch<ProfileDraft> patch, ProfileService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, ProfileService service, HttpRequest request, CancellationToken cancellationToken)
    {
        await service.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
