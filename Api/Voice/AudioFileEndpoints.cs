using System.ComponentModel;
using CloudStore.Api.Files;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Audio;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Voice;

/// <summary>The filters of recordings as query parameters.</summary>
internal readonly record struct AudioFileQuery(
    [property: FromQuery(Name = "username"), Description("Exactly this username.")] string? Username,
    [property: FromQuery(Name = "fileId"), Description("Of this stored file.")] Guid? FileId,
    [property: FromQuery(Name = "language"), Description("Exactly this language tag.")] string? Language,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To)
{
    public AudioFilter ToFilter() => new(Username, FileId, Language, DateParameter.From(From), DateParameter.To(To));
}

/// <summary><c>/v1/voice/audio-files</c>: recordings.</summary>
internal static class AudioFileEndpoints
{
    public static void MapAudioFiles(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/voice/audio-files").WithTags("Voice").RequireRole(Role.Reader);
        group.MapGet("/", ListAsync).WithName("listVoiceAudioFiles").WithSummary("List audio files")
            .WithDescription("Newest first; from and to are of recordedAt. Sortable by createdAt, recordedAt and duration.").WithExample(null, VoiceExamples.Page(VoiceExamples.AudioFile));
        group.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithName("createVoiceAudioFile").WithSummary("Create an audio file")
            .WithDescription("Describes a stored file (/v1/files) whose owner the user is: sample rate, channels and duration come from its own header. Needs the consent recording, and transcription where there is a transcript.").WithExample(VoiceExamples.AudioDraft, VoiceExamples.AudioFile);
        group.MapGet("/{id:guid}", GetAsync).WithName("getVoiceAudioFile").WithSummary("Read an audio file").WithExample(null, VoiceExamples.AudioFile);
        group.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceVoiceAudioFile").WithSummary("Replace an audio file")
            .WithDescription("What the body leaves out is cleared.").WithExample(VoiceExamples.AudioDraft, VoiceExamples.AudioFile);
        group.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchVoiceAudioFile").WithSummary("Change parts of an audio file")
            .WithExample(new AudioDraft { Transcript = "What will the weather be like tomorrow?" }, VoiceExamples.AudioFile);
        group.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteVoiceAudioFile").WithSummary("Delete an audio file")
            .WithDescription("The record is kept, out of sight, with when, who and the reason.");
        group.MapGet("/{id:guid}/content", ContentAsync).WithName("getVoiceAudioFileContent").WithSummary("Play a recording back")
            .WithDescription("The stored file as it was sent, as at /v1/files/{id}/content: Range, If-Range and If-None-Match as RFC 9110 has them.")
            .Produces<string>(200, "application/octet-stream").Produces<string>(206, "application/octet-stream").WithExample(null, "RIFF....WAVE");
    }

    private static async Task<Ok<Page<AudioFile>>> ListAsync([AsParameters] AudioFileQuery query, [AsParameters] ListQuery list, AudioService service, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await service.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Created<AudioFile>> CreateAsync(AudioDraft draft, AudioService service, HttpContext http, CancellationToken cancellationToken)
    {
        var made = await service.CreateAsync(draft, cancellationToken);
        return Answers.Created(http, made, $"/v1/voice/audio-files/{made.Id}", made.Revision);
    }

    private static async Task<Results<Ok<AudioFile>, NotModified>> GetAsync(Guid id, AudioService service, HttpContext http, CancellationToken cancellationToken)
    {
        var found = await service.GetAsync(id, cancellationToken);
        return Answers.Read(http, found, found.Revision);
    }

    private static async Task<Ok<AudioFile>> ReplaceAsync(Guid id, AudioDraft draft, AudioService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<Ok<AudioFile>> PatchAsync(Guid id, MergePatch<AudioDraft> patch, AudioService service, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await service.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, changed, changed.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, AudioService service, HttpRequest request, CancellationToken cancellationToken)
    {
        await service.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ContentAsync(Guid id, AudioService service, FileService files, FileRights rights, CancellationToken cancellationToken)
    {
        var file = await service.FileOfAsync(id, cancellationToken);
        return new FileContent(file, files, async ct => await rights.RightAsync(file.Id, file.Owner, ct) is not null);
    }
}
