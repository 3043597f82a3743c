using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Consents;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Voice.Audio;

/// <summary>Which recordings; what is null does not filter.</summary>
public sealed record AudioFilter(string? Username, Guid? FileId, string? Language, DateTime? From, DateTime? Before)
{
    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"voice-audio\u001f{Username}\u001f{FileId}\u001f{Language}\u001f{From?.Ticks}\u001f{Before?.Ticks}");

    internal IQueryable<AudioFile> Apply(IQueryable<AudioFile> query)
    {
        query = Username is { Length: > 0 } username ? query.Where(a => a.Username == username) : query;
        query = FileId is { } file ? query.Where(a => a.FileId == file) : query;
        query = Language is { Length: > 0 } language ? query.Where(a => a.Language == language) : query;
        query = From is { } from ? query.Where(a => a.RecordedAt >= from) : query;
        return Before is { } before ? query.Where(a => a.RecordedAt < before) : query;
    }
}

/// <summary>Recordings of users: stored files, described.</summary>
public sealed class AudioService(StoreContext context, RecordStore<AudioFile> store, FileService files, FileBackends backends, UserGate gate, AuditTrail audit)
{
    private static readonly SortKey<AudioFile>[] SortKeys =
        [SortKey<AudioFile>.By("createdAt", a => a.Id), SortKey<AudioFile>.By("recordedAt", a => a.RecordedAt), SortKey<AudioFile>.By("duration", a => a.Duration)];

    /// <summary>Takes a stored file as a recording of its owner; what it is, its own header says.</summary>
    /// <exception cref="ProblemException">Of kind invalid, consent-required, or conflict, where the file is one already.</exception>
    public async Task<AudioFile> CreateAsync(AudioDraft draft, CancellationToken cancellationToken = default)
    {
        RuleErrors.Require(draft, static (d, report) => d.Check(report));
        await gate.RequireUserAsync(draft.Username!, cancellationToken);
        await gate.RequireConsentAsync(draft.Username!, ConsentPurpose.Recording, "fileId", cancellationToken);
        await RequireTranscriptionAsync(draft, cancellationToken);
        var file = await FindFileAsync(draft, cancellationToken);
        if (await context.Set<AudioFile>().AnyAsync(a => a.FileId == file.Id, cancellationToken))
        {
            throw ProblemException.ForField(ProblemKind.Conflict, "fileId", "unique", $"The file {file.Id} is a recording already.");
        }

        var audio = new AudioFile { RecordedAt = file.CreatedAt, Type = file.Type };
        draft.ApplyTo(audio);
        Describe(audio, await ReadHeaderAsync(file, cancellationToken));
        return await store.CreateAsync(audio, cancellationToken);
    }

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<AudioFile> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var audio = await store.FindAsync(id, cancellationToken);
        await audit.ReadAsync(VoiceModel.AudioFiles, [id], cancellationToken: cancellationToken);
        return audio;
    }

    /// <param name="page">Sortable by createdAt, recordedAt and duration.</param>
    public async Task<Page<AudioFile>> ListAsync(AudioFilter filter, PageRequest page, CancellationToken cancellationToken = default)
    {
        var audio = await store.ListAsync(filter.Apply, SortKeys, page, cancellationToken);
        await audit.ReadAsync(VoiceModel.AudioFiles, [.. audio.Items.Select(a => a.Id)], cancellationToken: cancellationToken);
        return audio;
    }

    /// <inheritdoc cref="PatchAsync"/>
    public Task<AudioFile> ReplaceAsync(Guid id, long? expected, AudioDraft draft, CancellationToken cancellationToken = default) => PatchAsync(id, expected, _ => draft, cancellationToken);

    /// <param name="expected">The revision the caller has seen, or null to change whatever is stored.</param>
    /// <exception cref="ProblemException">Of kind not-found, invalid, consent-required or stale.</exception>
    public async Task<AudioFile> PatchAsync(Guid id, long? expected, Func<AudioDraft, AudioDraft> change, CancellationToken cancellationToken = default)
    {
        var before = AudioDraft.Of(await store.FindAsync(id, cancellationToken));
        var after = change(before);
        Immutable.Require("username", before.Username, after.Username);
        Immutable.Require("fileId", before.FileId, after.FileId);
        RuleErrors.Require(after, static (d, report) => d.Check(report));
        if (after.Transcript != before.Transcript)
        {
            await RequireTranscriptionAsync(after, cancellationToken);
        }

        return await store.UpdateAsync(id, expected, audio => change(AudioDraft.Of(audio)).ApplyTo(audio), cancellationToken);
    }

    /// <summary>Deletes the record softly; the file stays, and is deleted at <c>/v1/files</c>.</summary>
    /// <exception cref="ProblemException">Of kind not-found or stale.</exception>
    public Task DeleteAsync(Guid id, long? expected = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        TextRules.RequireReason(reason);
        return store.DeleteAsync(id, expected, reason, cancellationToken);
    }

    /// <summary>The stored file behind a recording, for who may read it.</summary>
    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<StoredFile> FileOfAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var file = await context.Set<AudioFile>().Where(a => a.Id == id).Select(a => (Guid?)a.FileId).FirstOrDefaultAsync(cancellationToken);
        return await files.GetAsync(file ?? throw new ProblemException(ProblemKind.NotFound, $"There is no audio file {id}."), cancellationToken: cancellationToken);
    }

    private Task RequireTranscriptionAsync(AudioDraft draft, CancellationToken cancellationToken) => string.IsNullOrEmpty(draft.Transcript) ? Task.CompletedTask
        : gate.RequireConsentAsync(draft.Username!, ConsentPurpose.Transcription, "transcript", cancellationToken);

    private async Task<StoredFile> FindFileAsync(AudioDraft draft, CancellationToken cancellationToken)
    {
        StoredFile file;
        try
        {
            file = await files.GetAsync(draft.FileId!.Value, cancellationToken: cancellationToken);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.NotFound)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "fileId", "known-file", $"There is no stored file {draft.FileId} that this key may read.");
        }

        if (file.Owner != draft.Username)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "fileId", "owner", $"The file {file.Id} is not a file of '{draft.Username}', and would not go with them: store it with owner={draft.Username}.");
        }

        if (backends.PinOf(file.Tenant) is { } region && !region.Equals(file.Region, StringComparison.OrdinalIgnoreCase))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "fileId", "pinned-region", $"The tenant's files belong to the region {region} (Files:Tenants); the file {file.Id} is of {file.Region ?? "none"}.");
        }

        return file;
    }

    private async Task<WaveHeader?> ReadHeaderAsync(StoredFile file, CancellationToken cancellationToken)
    {
        if (file.Type != MediaType.Wave)
        {
            return file.Type.StartsWith("audio/", StringComparison.Ordinal) ? null
                : throw ProblemException.ForField(ProblemKind.Invalid, "fileId", "audio", $"The file {file.Id} is not audio: its content is {file.Type}, whatever its name.");
        }

        await using var content = await files.OpenAsync(file, noteRead: false, cancellationToken: cancellationToken);
        return await WaveHeader.ReadAsync(content, cancellationToken)
            ?? throw ProblemException.ForField(ProblemKind.Invalid, "fileId", "audio", $"The file {file.Id} begins as a WAVE file, but has no format and samples that can be played.");
    }

    private static void Describe(AudioFile audio, WaveHeader? header)
    {
        if (header is not null)
        {
            (audio.Format, audio.SampleRate, audio.Channels) = (header.FormatName, header.SampleRate, header.Channels);
            (audio.BitsPerSample, audio.Duration) = (header.BitsPerSample, header.Duration);
        }
    }
}
