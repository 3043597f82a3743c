using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Voice;

/// <summary>The filters of sessions as query parameters.</summary>
internal readonly record struct SessionQuery(
    [property: FromQuery(Name = "username"), Description("Exactly this username.")] string? Username,
    [property: FromQuery(Name = "state"), Description("Exactly this state: active, waiting, completed, abandoned or failed.")] string? State,
    [property: FromQuery(Name = "language"), Description("Exactly this language tag.")] string? Language,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To)
{
    public SessionFilter ToFilter() => new(Username, QueryEnum.Optional<SessionState>("state", State), Language, DateParameter.From(From), DateParameter.To(To));
}

/// <summary><c>/v1/voice/sessions</c>: conversations.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/voice/sessions").WithTags("Voice").RequireRole(Role.Reader);
        group.MapGet("/", ListAsync).WithName("listVoiceSessions").WithSummary("List conversation sessions")
            .WithDescription("Newest first; from and to are of startedAt. Sortable by createdAt, updatedAt and startedAt.").WithExample(null, VoiceExamples.Page(VoiceExamples.Session));
        group.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createVoiceSession").WithSummary("Create a conversation session")
            .WithDescription("context needs the consent conversation. endedAt is set when the state becomes completed, abandoned or failed, unless given.").WithExample(VoiceExamples.SessionDraft, VoiceExamples.Session);
        group.MapGet("/{id:guid}", GetAsync).WithName("getVoiceSession").WithSummary("Read a conversation session").WithExample(null, VoiceExamples.Session);
        group.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceVoiceSession").WithSummary("Replace a conversation session")
            .WithDescription("What the body leaves out is cleared.").WithExample(VoiceExamples.SessionDraft, VoiceExamples.Session);
        group.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchVoiceSession").WithSummary("Change parts of a conversation session")
            .WithExample(new SessionDraft { State = SessionState.Completed }, VoiceExamples.Session);
        group.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteVoiceSession").WithSummary("Delete a conversation session")
            .WithDescription("The record is kept, out of sight, with when, who and the reason.");
    }

    private static async Task<Ok<Page<ConversationSession>>> ListAsync([AsParameters] SessionQuery query, [AsParameters] ListQuery list, SessionService service, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await service.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<ConversationSession>> CreateAsync(SessionDraft draft, SessionService service, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await service.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, made, $"/v1/voice/sessions/{made.Id}", made.Revision);
    }

    private static async Task<Results<Ok<ConversationSession>, NotModified>> GetAsync(Guid id, SessionService service, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await service.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }

    private static async Task<Ok<ConversationSession>> ReplaceAsync(Guid id, SessionDraft draft, SessionService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<Ok<ConversationSession>> PatchAsync(Guid id, MergePatch<SessionDraft> patch, SessionService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, SessionService service, HttpRequest request, CancellationToken cancellationToken)
    {
        await service.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
