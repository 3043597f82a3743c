using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Files.Frames;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files;

/// <summary>Files for C# callers; the API offers the same. It works for the tenant and the user of its scope.</summary>
public sealed class FileService(RecordStore<StoredFile> store, FileRecords records, StoreContext context, FileBackends backends, FileRights access, FileQuota quota, FileUses uses, AuditTrail audit,
    IOptions<FilesOptions> options, TimeProvider time)
{
    /// <summary>Stores a file. Its content is on the disk, or in the service, before its record is there; a stream that breaks off leaves neither.</summary>
    /// <param name="length">How long the content will be, where that is known: what can never fit is refused at once.</param>
    /// <param name="id">Null for a new one.</param>
    /// <exception cref="ProblemException">Of kind invalid, too-large or insufficient-storage.</exception>
    public async Task<StoredFile> CreateAsync(FileDraft draft, Stream content, long? length = null, Guid? id = null, CancellationToken cancellationToken = default) =>
        await KeepAsync(await StageAsync(draft, content, length, id, cancellationToken), cancellationToken);

    /// <summary>Stores a file's content alone: <see cref="KeepAsync"/> or <see cref="DiscardAsync"/> follows.</summary>
    /// <exception cref="ProblemException">Of kind invalid, too-large or insufficient-storage.</exception>
    public async Task<StoredFile> StageAsync(FileDraft draft, Stream content, long? length = null, Guid? id = null, CancellationToken cancellationToken = default)
    {
        Require(draft);
        draft = draft with { Region = backends.RegionOf(context.Tenant!, draft.Region) };
        var owner = OwnerOf(draft);
        var backend = backends.For(draft.Region);
        long room = Math.Min(options.Value.MaxBytes, await quota.LeftAsync(owner, id, cancellationToken));
        if (length > room)
        {
            throw await quota.RefusalAsync(owner, length.Value, cancellationToken);
        }

        var file = id ?? RecordId.Next(time);
        var name = $"{Guid.CreateVersion7():n}";
        var key = GC.AllocateUninitializedArray<byte>(CobblestoneFormat.KeyBytes, pinned: true);
        RandomNumberGenerator.Fill(key);
        try
        {
            await using var sink = await backends.All[backend].CreateAsync(name, cancellationToken);
            var written = await FrameWriter.WriteAsync(content, sink, key, new FileContext(context.Tenant!, file), draft.Compress, room, cancellationToken);
            await sink.CommitAsync(cancellationToken);
            return Describe(draft, written, file, owner, backend, name, key);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.TooLarge)
        {
            throw await quota.RefusalAsync(owner, room + 1, cancellationToken);
        }
    }

    /// <summary>
    /// Makes a staged file one that is there. Where the database's answer is lost, what is stored decides: a record that is there after all is a success. A content whose record may be there is
    /// never removed; one that nobody names in the end is found by the keeper.
    /// </summary>
    /// <exception cref="ProblemException">Of kind conflict: a file of its id is there. The content is removed.</exception>
    public async Task<StoredFile> KeepAsync(StoredFile staged, CancellationToken cancellationToken = default)
    {
        try
        {
            return await store.CreateAsync(staged, cancellationToken);
        }
        catch (Exception e)
        {
            if (await IsKeptAsync(staged, e))
            {
                return staged;
            }

            throw;
        }
    }

    /// <summary>Removes the content of a staged file.</summary>
    public Task DiscardAsync(StoredFile staged) => backends.All[staged.Backend].DeleteAsync(staged.Content, cancellationToken: CancellationToken.None);

    /// <exception cref="ProblemException">Of kind invalid, or forbidden.</exception>
    public void Require(FileDraft draft)
    {
        RuleErrors.Require(draft, FileRules.Check);
        _ = OwnerOf(draft);
        _ = backends.For(backends.RegionOf(context.Tenant!, draft.Region));
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<StoredFile> GetAsync(Guid id, FileRight right = FileRight.Read, CancellationToken cancellationToken = default)
    {
        var file = await records.FindAsync(id, cancellationToken);
        await access.RequireAsync(file, right, cancellationToken);
        return file.ExpiresAt is { } end && end <= context.Now() ? throw new ProblemException(ProblemKind.NotFound, $"There is no stored file {id}.") : file;
    }

    /// <param name="page">Its sort is one of <see cref="FileFilter.SortKeys"/>; its scope is <see cref="FileFilter.Scope"/>.</param>
    public Task<Page<StoredFile>> ListAsync(FileFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        var now = context.Now();
        return store.ListAsync(files => filter.Apply(access.Visible(files), context).Where(f => f.ExpiresAt == null || f.ExpiresAt > now), FileFilter.SortKeys, page with { Scope = $"{page.Scope}\u001f{(access.SeesAll ? "" : access.User)}" }, cancellationToken);
    }

    /// <summary>Opens a file's content. That it was read is in the audit before the first byte is given out.</summary>
    /// <param name="whole">Checks the hash of a content that is read from beginning to end.</param>
    /// <exception cref="ProblemException">Of kind unreadable: the content is missing or damaged at its beginning or end.</exception>
    public async Task<FrameStream> OpenAsync(StoredFile file, bool whole = false, bool noteRead = true, CancellationToken cancellationToken = default)
    {
        var content = await OpenContentAsync(file, whole, cancellationToken);
        try
        {
            if (content.Length != file.Size)
            {
                throw new ProblemException(ProblemKind.Unreadable, $"The content of the file {file.Id} has {content.Length} bytes, not {file.Size}.");
            }

            if (noteRead)
            {
                await audit.ReadAsync(StoredFile.Table, [file.Id], cancellationToken: cancellationToken);
                uses.Note(file.Tenant, file.Id, context.Now());
            }

            return content;
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="ProblemException">Of kind not-found, forbidden, invalid or stale.</exception>
    public async Task<StoredFile> ChangeAsync(Guid id, long? expected, Func<FileChange, FileChange> change, CancellationToken cancellationToken = default)
    {
        await GetAsync(id, FileRight.Write, cancellationToken);
        return await store.UpdateAsync(id, expected, file =>
        {
            var (before, after) = (FileChange.Of(file), change(FileChange.Of(file)));
            RuleErrors.Require(after, FileRules.Check);
            (file.Name, file.Tags) = (after.Name, StoredFile.Join(after.Tags));
            if (before.Retention != after.Retention || before.ExpiresAt != after.ExpiresAt)
            {
                (file.RetentionDays, file.ExpiresAt) = (after.Retention, End(file.CreatedAt, after.Retention, after.ExpiresAt));
            }
        }, cancellationToken);
    }

    /// <summary>Deletes softly: the keeper removes the content when the grace is over.</summary>
    /// <exception cref="ProblemException">Of kind not-found, forbidden or stale.</exception>
    public async Task DeleteAsync(Guid id, long? expected, string? reason, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        await GetAsync(id, FileRight.Write, cancellationToken);
        await store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    /// <summary>Reads the whole content and compares it with its hash; what is found is kept with the file.</summary>
    /// <returns>Null where it is right, else what is wrong.</returns>
    public async Task<string?> VerifyAsync(StoredFile file, CancellationToken cancellationToken = default)
    {
        string? fault = null;
        try
        {
            await using var content = await OpenContentAsync(file, whole: true, cancellationToken);
            await content.CopyToAsync(Stream.Null, cancellationToken);
            fault = content.Length == file.Size ? null : $"The content has {content.Length} bytes, not {file.Size}.";
        }
        catch (Exception e) when (e is DamagedContentException or ProblemException { Kind.Id: "unreadable" } or IOException or UnauthorizedAccessException)
        {
            fault = e.Message;
        }

        await NoteLookAsync(file.Id, fault, cancellationToken);
        return fault;
    }

    /// <summary>Keeps what was found when a file was looked at.</summary>
    /// <param name="fault">Null where nothing is wrong with it.</param>
    internal async Task NoteLookAsync(Guid id, string? fault, CancellationToken cancellationToken)
    {
        var files = context.Set<StoredFile>().Where(f => f.Id == id);
        var now = context.Now();
        // Being looked at is no change of the file: its revision stays.
        await (fault is null ? files.ExecuteUpdateAsync(s => s.SetProperty(f => f.VerifiedAt, now).SetProperty(f => f.Fault, fault), cancellationToken)
            : files.ExecuteUpdateAsync(s => s.SetProperty(f => f.Fault, fault), cancellationToken));
        records.Changed(context.Tenant!);
    }

    // A line that breaks between a commit and its answer has the insert repeated, which then meets its own row.
    private async Task<bool> IsKeptAsync(StoredFile staged, Exception failure)
    {
        string? content;
        try
        {
            content = await context.Set<StoredFile>().IgnoreQueryFilters([StoreContext.DeletedFilter]).Where(f => f.Id == staged.Id).Select(f => f.Content).FirstOrDefaultAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The first failure says it: nothing is known, so nothing is removed.
            return false;
        }

        // Where the line is broken, the statement may still be under way.
        if (content != staged.Content && !(content is null && StoreFailures.IsDatabaseAway(failure)))
        {
            await DiscardAsync(staged);
        }

        return content == staged.Content;
    }

    private async Task<FrameStream> OpenContentAsync(StoredFile file, bool whole, CancellationToken cancellationToken)
    {
        try
        {
            var source = await backends.Of(file).OpenAsync(file.Content, cancellationToken);
            var reader = await FrameReader.OpenAsync(source, file.ContentKey, new FileContext(file.Tenant, file.Id, file.ContentVersion), file.Codec, cancellationToken);
            return new FrameStream(reader, whole ? file.Sha256 : null);
        }
        catch (FileNotFoundException e)
        {
            throw new ProblemException(ProblemKind.Unreadable, MissingContents.FaultOf(file.Id, file.Backend), inner: e);
        }
        catch (DamagedContentException e)
        {
            throw new ProblemException(ProblemKind.Unreadable, $"The file {file.Id} cannot be read. {e.Message}", inner: e);
        }
    }

    private string OwnerOf(FileDraft draft) => draft.Owner is not { Length: > 0 } owner || owner == access.User ? access.User
        : access.SeesAll ? owner
        : throw new ProblemException(ProblemKind.Forbidden, "Only an operator's key may store files for others.");

    private StoredFile Describe(FileDraft draft, WrittenContent written, Guid id, string owner, string backend, string name, byte[] key)
    {
        var type = MediaType.Of(written.Head, draft.Type);
        return new StoredFile
        {
            Id = id,
            Name = draft.Name,
            ContentKey = key,
            Owner = owner,
            Type = type,
            Tags = StoredFile.Join(draft.Tags),
            Region = draft.Region,
            Backend = backend,
            Content = name,
            Codec = written.Codec,
            Size = written.Bytes,
            StoredSize = written.StoredBytes,
            Sha256 = written.Sha256,
            Duration = WaveHeader.Read(written.Head, written.Bytes)?.Duration,
            RetentionDays = draft.Retention,
            ExpiresAt = End(context.Now(), draft.Retention, draft.ExpiresAt),
        };
    }

    private static DateTime? End(DateTime from, int? days, DateTime? end) => (days is { } d ? from.AddDays(d) : (DateTime?)null, end) switch
    {
        ({ } kept, { } until) => kept < until ? kept : until,
        (var kept, var until) => kept ?? until,
    };
}
