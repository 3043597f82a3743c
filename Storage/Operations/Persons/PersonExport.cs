using System.IO.Pipelines;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>
/// Gives out all there is of a person as one zip: a file of theirs, encrypted as any other, that expires. It is written while it is made, so that memory does not grow with it. Killed at any
/// moment, it is begun again by the next worker; a part of it is never there.
/// </summary>
public sealed class PersonExport(IServiceProvider services, IOptions<PersonJobOptions> options)
{
    public const string Tag = "person-export";

    /// <exception cref="ProblemException">Of kind destroyed or unreadable, where a record cannot be decrypted; or insufficient-storage.</exception>
    public async Task RunAsync(PersonJob job, CancellationToken cancellationToken = default)
    {
        var person = job.Person ?? throw new LeaseLostException();
        await using var scope = services.CreateScopeFor(Caller.System(job.Tenant, "export"));
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        // The file has the job's id: an attempt that was killed right behind its making left it.
        if (!await context.Set<StoredFile>().AnyAsync(f => f.Id == job.Id, cancellationToken))
        {
            await CountAsync(job, person, cancellationToken);
            await scope.ServiceProvider.GetRequiredService<AuditTrail>().NoteAsync(new AuditNote(AuditAction.Export, PersonJob.Table, job.Id), cancellationToken);
            await WriteAsync(job, person, scope.ServiceProvider, cancellationToken);
        }

        await PersonJobQueue.EndAsync(context, job, PersonJobStatus.Succeeded, j => j.FileId = j.Id, cancellationToken);
    }

    private async Task WriteAsync(PersonJob job, string person, IServiceProvider own, CancellationToken cancellationToken)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = Task.Run(async () =>
        {
            try
            {
                await using var source = services.CreateScopeFor(Caller.System(job.Tenant, "export"));
                await source.ServiceProvider.GetRequiredService<PersonZip>().WriteAsync(job, person, pipe.Writer.AsStream(leaveOpen: true), either.Token);
                await pipe.Writer.CompleteAsync();
            }
            catch (Exception e)
            {
                // Whoever stores the file must not take its beginning for the whole.
                await pipe.Writer.CompleteAsync(e);
            }
        }, CancellationToken.None);
        try
        {
            var context = own.GetRequiredService<StoreContext>();
            var draft = new FileDraft
            {
                Name = $"export-{job.CreatedAt:yyyy-MM-dd}.zip", Type = "application/zip", Tags = [Tag], Owner = person, Compress = Compress.None, ExpiresAt = context.Now().AddDays(options.Value.ExportDays),
            };
            await own.GetRequiredService<FileService>().CreateAsync(draft, pipe.Reader.AsStream(), id: job.Id, cancellationToken: either.Token);
        }
        finally
        {
            await either.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private async Task CountAsync(PersonJob job, string person, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        long rows = await scope.ServiceProvider.GetRequiredService<Erasure>().CountAsync(job.Tenant, person, cancellationToken);
        var files = PersonZip.FilesOf(context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.TenantFilter]).Where(f => f.Tenant == job.Tenant), person, context.Now());
        long count = await files.LongCountAsync(cancellationToken), bytes = await files.SumAsync(f => f.Size, cancellationToken);
        await PersonJobQueue.Held(context, job).ExecuteUpdateAsync(s => s.SetProperty(j => j.RowsTotal, rows).SetProperty(j => j.FilesTotal, count).SetProperty(j => j.BytesTotal, bytes), cancellationToken);
    }
}
