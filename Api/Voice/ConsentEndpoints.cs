using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Consents;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Voice;

/// <summary>The filters of consents as query parameters.</summary>
internal readonly record struct ConsentQuery(
    [property: FromQuery(Name = "username"), Description("Exactly this username.")] string? Username,
    [property: FromQuery(Name = "purpose"), Description("Exactly this purpose: recording, transcription, conversation, personalization, analytics, training or marketing.")] string? Purpose,
    [property: FromQuery(Name = "decision"), Description("Exactly this decision: given or withdrawn.")] string? Decision)
{
    public ConsentFilter ToFilter() => new(Username, QueryEnum.Optional<ConsentPurpose>("purpose", Purpose), QueryEnum.Optional<ConsentDecision>("decision", Decision));
}

/// <summary><c>/v1/voice/consents</c>: what users have decided. Decisions are added, never changed.</summary>
internal static class ConsentEndpoints
{
    public static void MapConsents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/voice/consents").WithTags("Voice").RequireRole(Role.Reader);
        group.MapGet("/", ListAsync).WithName("listVoiceConsents").WithSummary("List decisions about consents")
            .WithDescription("Newest first. Sortable by createdAt and decidedAt.").WithExample(null, VoiceExamples.Page(VoiceExamples.Consent));
        group.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createVoiceConsent").WithSummary("Report that a user gave or withdrew a consent")
            .WithDescription("The decision with the latest decidedAt counts from now on. Withdrawing forbids what is new; what is there goes by deletion, retention or erasure.")
            .WithExample(VoiceExamples.ConsentDraft, VoiceExamples.Consent);
        group.MapGet("/{id:guid}", GetAsync).WithName("getVoiceConsent").WithSummary("Read a decision about a consent").WithExample(null, VoiceExamples.Consent);
        group.MapGet("/current", CurrentAsync).WithName("getCurrentVoiceConsent").WithSummary("Ask whether a user has consented to a purpose")
            .WithDescription("For processing of the caller's own; what this service does asks by itself. Both parameters are needed.").WithExample(null, VoiceExamples.ConsentState);
    }

    private static async Task<Ok<Page<Consent>>> ListAsync([AsParameters] ConsentQuery query, [AsParameters] ListQuery list, ConsentService service, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await service.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<Consent>> CreateAsync(ConsentDraft draft, ConsentService service, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await service.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, made, $"/v1/voice/consents/{made.Id}", made.Revision);
    }

    private static async Task<Results<Ok<Consent>, NotModified>> GetAsync(Guid id, ConsentService service, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await service.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }

    private static async Task<Ok<ConsentState>> CurrentAsync([Description("Whose.")] string? username, [OneOf(typeof(ConsentPurpose), "For what.")] string? purpose, ConsentService service, CancellationToken cancellationToken)
    {
        var wanted = QueryEnum.Required<ConsentPurpose>("purpose", purpose);
        return string.IsNullOrEmpty(username)
            ? throw ProblemException.ForField(ProblemKind.Invalid, "username", "required", "username is needed.")
            : TypedResults.Ok(await service.CurrentAsync(username, wanted, cancellationToken));
    }
}
