using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Conversations;
using CloudStore.Storage.Voice.Users;

namespace CloudStore.Storage.Voice.Audio;

/// <summary>A recording: a stored file that is its user's, with what its own header says of it, and what is said in it.</summary>
public sealed class AudioFile : Record
{
    public string Username { get; set; } = "";

    /// <summary>The stored file (<c>/v1/files</c>), whose owner the user is.</summary>
    public Guid FileId { get; set; }

    /// <summary>Media type, of what the content looks like.</summary>
    public string Type { get; set; } = "";

    /// <summary>How a sample is coded: pcm, float, alaw, mulaw, or the number of another format of WAVE. Null where it is no WAVE file.</summary>
    public string? Format { get; set; }

    /// <summary>Hz.</summary>
    public int? SampleRate { get; set; }

    public int? Channels { get; set; }

    public int? BitsPerSample { get; set; }

    /// <summary>Seconds.</summary>
    public double? Duration { get; set; }

    /// <summary>A language tag (BCP 47).</summary>
    public string? Language { get; set; }

    /// <summary>UTC.</summary>
    public DateTime RecordedAt { get; set; }

    /// <summary>Encrypted.</summary>
    public string? Transcript { get; set; }

    /// <summary>The transcript as it is stored.</summary>
    [JsonIgnore]
    public byte[]? Words { get; set; }
}

/// <summary>What a caller says about a recording; the rest is read from the file. Absent is null.</summary>
public sealed record AudioDraft
{
    /// <summary>Needed: a user who is there, and whose the file is. It cannot be changed.</summary>
    public string? Username { get; init; }

    /// <summary>Needed: a stored file that is a recording. It cannot be changed.</summary>
    public Guid? FileId { get; init; }

    public string? Language { get; init; }

    /// <summary>When the file was stored, where absent.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? RecordedAt { get; init; }

    /// <summary>Up to 32,000 characters; needs the consent transcription. Kept encrypted.</summary>
    public string? Transcript { get; init; }

    public static AudioDraft Of(AudioFile a) => new() { Username = a.Username, FileId = a.FileId, Language = a.Language, RecordedAt = a.RecordedAt, Transcript = a.Transcript };

    internal void ApplyTo(AudioFile a)
    {
        (a.Username, a.FileId, a.Language, a.Transcript) = (Username ?? "", FileId ?? default, Language, Transcript);
        a.RecordedAt = RecordedAt is { } at ? Instants.ToStored(at) : a.RecordedAt;
    }

    internal void Check(Action<string, string, string> report)
    {
        UserRules.CheckUsername(Username, report);
        if (FileId is null)
        {
            report("fileId", "required", "fileId is missing; store the recording at /v1/files first.");
        }

        LanguageRules.Check("language", Language, report);
        TextRules.Check("transcript", Transcript, TurnDraft.LongestText, report, prose: true);
        if (RecordedAt is { } at)
        {
            SpokenAt.Check("recordedAt", at, report);
        }
    }
}
