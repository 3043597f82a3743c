using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Voice;

/// <summary>The filters of turns as query parameters.</summary>
internal readonly record struct TurnQuery(
    [property: FromQuery(Name = "sessionId"), Description("Of this session.")] Guid? SessionId,
    [property: FromQuery(Name = "username"), Description("Exactly this username.")] string? Username,
    [property: FromQuery(Name = "role"), Description("Exactly this role: user, assistant or system.")] string? Role,
    [property: FromQuery(Name = "intent"), Description("Exactly this intent.")] string? Intent,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To)
{
    public TurnFilter ToFilter() => new(SessionId, Username, QueryEnum.Optional<TurnRole>("role", Role), Intent, DateParameter.From(From), DateParameter.To(To));
}

/// <summary><c>/v1/voice/turns</c>: what was said.</summary>
internal static class TurnEndpoints
{
    public static void MapTurns(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/voice/turns").WithTags("Voice").RequireRole(Role.Reader);
        group.MapGet("/", ListAsync).WithName("listVoiceTurns").WithSummary("List turns")
            .WithDescription("Newest first; sort=number for the order of a conversation. from and to are of spokenAt. Sortable by createdAt, spokenAt and number.").WithExample(null, VoiceExamples.Page(VoiceExamples.Turn));
        group.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createVoiceTurn").WithSummary("Create a turn")
            .WithDescription("It becomes the next of its session, which must not be over, and gets its number. Needs the consent conversation of the session's user.").WithExample(VoiceExamples.TurnDraft, VoiceExamples.Turn);
        group.MapGet("/{id:guid}", GetAsync).WithName("getVoiceTurn").WithSummary("Read a turn").WithExample(null, VoiceExamples.Turn);
        group.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceVoiceTurn").WithSummary("Replace a turn")
            .WithDescription("What the body leaves out is cleared.").WithExample(VoiceExamples.TurnDraft, VoiceExamples.Turn);
        group.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchVoiceTurn").WithSummary("Change parts of a turn")
            .WithExample(new TurnDraft { Intent = "weather.tomorrow" }, VoiceExamples.Turn);
        group.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteVoiceTurn").WithSummary("Delete a turn")
            .WithDescription("The record is kept, out of sight, with when, who and the reason.");
    }

    private static async Task<Ok<Page<Turn>>> ListAsync([AsParameters] TurnQuery query, [AsParameters] ListQuery list, TurnService service, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await service.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<Turn>> CreateAsync(TurnDraft draft, TurnService service, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await service.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, made, $"/v1/voice/turns/{made.Id}", made.Revision);
    }

    private static async Task<Results<Ok<Turn>, NotModified>> GetAsync(Guid id, TurnService service, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await service.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }

    private static async Task<Ok<Turn>> ReplaceAsync(Guid id, TurnDraft draft, TurnService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<Ok<Turn>> PatchAsync(Guid id, MergePatch<TurnDraft> patch, TurnService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, TurnService service, HttpRequest request, CancellationToken cancellationToken)
    {
        await service.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }
}
