using CloudStore.Api.Files;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Operations.Persons;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Voice;

/// <summary><c>/v1/voice/exports</c> and <c>/v1/voice/erasures</c>: all there is of one user, given out or removed for good. For operators.</summary>
internal static class PersonJobEndpoints
{
    public static void MapPersonJobs(this IEndpointRouteBuilder routes)
    {
        var exports = routes.MapGroup("/v1/voice/exports").WithTags("Voice").RequireRole(Role.Operator);
        exports.MapPost("/", ExportAsync).WithName("requestVoiceExport").WithSummary("Ask for an export of one user")
            .WithDescription("A worker writes a zip with the JSON of every record that names the user, of whatever area, and their files. One that goes on already is answered with.")
            .WithExample(new PersonDraft("asha"), VoiceExamples.Export);
        exports.MapGet("/", ListExportsAsync).WithName("listVoiceExports").WithSummary("List exports of users").WithDescription("Newest first. Sortable by createdAt and finishedAt.")
            .WithExample(null, new Page<UserExportView>([VoiceExamples.Export], null, null));
        exports.MapGet("/{id:guid}", GetExportAsync).WithName("getVoiceExport").WithSummary("Read how far an export is").WithExample(null, VoiceExamples.Export);
        exports.MapGet("/{id:guid}/content", ContentAsync).WithName("getVoiceExportContent").WithSummary("Fetch the zip of an export")
            .WithDescription("Answers 409 until the export has succeeded, and 410 when its time (PersonJobs:ExportDays) is over. Range, If-Range and If-None-Match as RFC 9110 has them.")
            .Produces<string>(200, "application/octet-stream").Produces<string>(206, "application/octet-stream").WithExample(null, "PK....");

        var erasures = routes.MapGroup("/v1/voice/erasures").WithTags("Voice").RequireRole(Role.Operator);
        erasures.MapPost("/", EraseAsync).WithName("requestVoiceErasure").WithSummary("Ask for the erasure of one user")
            .WithDescription("A worker removes all that names the user, of whatever area: rows, archived rows, waiting writes, files, uploads, cached values and keys. Answers 409, and removes nothing, where a legal hold "
                + "covers any of it. While it goes on nothing new is kept of the user. Keep personSalt: the certificate names the user under it.")
            .WithExample(new PersonDraft("asha"), VoiceExamples.Erasure with { Status = PersonJobStatus.Queued, HasCertificate = false, FinishedAt = null, Username = "asha", PersonSalt = new string('5', 64) });
        erasures.MapGet("/", ListErasuresAsync).WithName("listVoiceErasures").WithSummary("List erasures of users").WithDescription("Newest first. Sortable by createdAt and finishedAt.")
            .WithExample(null, new Page<UserErasureView>([VoiceExamples.Erasure], null, null));
        erasures.MapGet("/{id:guid}", GetErasureAsync).WithName("getVoiceErasure").WithSummary("Read how far an erasure is").WithExample(null, VoiceExamples.Erasure);
        erasures.MapGet("/{id:guid}/certificate", CertificateAsync).WithName("getVoiceErasureCertificate").WithSummary("Fetch the certificate of an erasure")
            .WithDescription("A signed note (c2sp.org/signed-note) with the key of the audit log; docs/certificate_verify.py checks it. Answers 409 until the erasure has succeeded.")
            .Produces<string>(200, "text/plain").WithExample(null, VoiceExamples.Certificate);
    }

    private static async Task<Accepted<UserExportView>> ExportAsync(PersonDraft draft, PersonJobs jobs, CancellationToken cancellationToken)
    {
        var job = await jobs.RequestAsync(PersonJobKind.Export, "username", draft.Username, [], cancellationToken);
        return TypedResults.Accepted($"/v1/voice/exports/{job.Id}", UserExportView.Of(job));
    }

    private static async Task<Ok<Page<UserExportView>>> ListExportsAsync(
        [OneOf(typeof(PersonJobStatus), "Exactly this status.")] string? status, [AsParameters] ListQuery list, PersonJobs jobs, CancellationToken cancellationToken)
    {
        var only = QueryEnum.Optional<PersonJobStatus>("status", status);
        return TypedResults.Ok((await jobs.ListAsync(PersonJobKind.Export, only, list.ToPage($"person-exports\u001f{only}"), cancellationToken)).Map(UserExportView.Of));
    }

    private static async Task<Ok<UserExportView>> GetExportAsync(Guid id, PersonJobs jobs, CancellationToken cancellationToken) =>
        TypedResults.Ok(UserExportView.Of(await jobs.GetAsync(PersonJobKind.Export, id, cancellationToken)));

    private static async Task<IResult> ContentAsync(Guid id, PersonJobs jobs, FileService files, FileRights rights, CancellationToken cancellationToken)
    {
        var job = await jobs.GetAsync(PersonJobKind.Export, id, cancellationToken);
        if (job.FileId is not { } made)
        {
            throw new ProblemException(ProblemKind.Conflict, $"The export is {job.Status.ToString().ToLowerInvariant()}; its file is there when it has succeeded.");
        }

        try
        {
            var file = await files.GetAsync(made, cancellationToken: cancellationToken);
            return new FileContent(file, files, async ct => await rights.RightAsync(file.Id, file.Owner, ct) is not null);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.NotFound)
        {
            throw new ProblemException(ProblemKind.Expired, "The export's file is gone: its time is over, or its user was erased.", inner: e);
        }
    }

    private static async Task<Accepted<UserErasureView>> EraseAsync(PersonDraft draft, PersonJobs jobs, UserNames names, CancellationToken cancellationToken)
    {
        var others = string.IsNullOrEmpty(draft.Username) ? [] : await names.OfAsync(draft.Username, cancellationToken);
        var job = await jobs.RequestAsync(PersonJobKind.Erasure, "username", draft.Username, others, cancellationToken);
        return TypedResults.Accepted($"/v1/voice/erasures/{job.Id}", UserErasureView.Of(job));
    }

    private static async Task<Ok<Page<UserErasureView>>> ListErasuresAsync(
        [OneOf(typeof(PersonJobStatus), "Exactly this status.")] string? status, [AsParameters] ListQuery list, PersonJobs jobs, CancellationToken cancellationToken)
    {
        var only = QueryEnum.Optional<PersonJobStatus>("status", status);
        return TypedResults.Ok((await jobs.ListAsync(PersonJobKind.Erasure, only, list.ToPage($"person-erasures\u001f{only}"), cancellationToken)).Map(UserErasureView.Of));
    }

    private static async Task<Ok<UserErasureView>> GetErasureAsync(Guid id, PersonJobs jobs, CancellationToken cancellationToken) =>
        TypedResults.Ok(UserErasureView.Of(await jobs.GetAsync(PersonJobKind.Erasure, id, cancellationToken)));

    private static async Task<ContentHttpResult> CertificateAsync(Guid id, PersonJobs jobs, CancellationToken cancellationToken)
    {
        var job = await jobs.GetAsync(PersonJobKind.Erasure, id, cancellationToken);
        return job.Certificate is { } certificate ? TypedResults.Text(certificate, "text/plain")
            : throw new ProblemException(ProblemKind.Conflict, $"The erasure is {job.Status.ToString().ToLowerInvariant()}; its certificate is there when it has succeeded.");
    }
}
