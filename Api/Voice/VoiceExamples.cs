using CloudStore.Storage.Operations.Persons;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Voice.Audio;
using CloudStore.Storage.Voice.Consents;
using CloudStore.Storage.Voice.Conversations;
using CloudStore.Storage.Voice.Metrics;
using CloudStore.Storage.Voice.Profiles;
using CloudStore.Storage.Voice.Users;

namespace CloudStore.Api.Voice;

/// <summary>What requests and answers look like in the OpenAPI document.</summary>
internal static class VoiceExamples
{
    private static readonly DateTime At = new(2026, 3, 2, 8, 15, 0, DateTimeKind.Utc);
    private static readonly Guid File = new("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e30"), Audio = new("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e31"), SessionId = new("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e32");

    public static readonly UserDraft UserDraft = new() { Username = "asha", Email = "asha@example.org", Phone = "+91 98765 43210", Locale = "hi-IN", Roles = ["speaker"] };

    public static readonly User User = Stored(UserDraft.ToUser());

    public static readonly ProfileDraft ProfileDraft = new()
    {
        Username = "asha", Language = "hi-IN", Accent = "Awadhi", Preferences = """{"voice":"low","speed":0.9}""", PrivacySettings = """{"shareTranscripts":false}""", RetentionDays = 180,
    };

    public static readonly UserProfile Profile = Stored(new UserProfile
    {
        Username = "asha", Language = "hi-IN", Accent = "Awadhi", Preferences = ProfileDraft.Preferences, PrivacySettings = ProfileDraft.PrivacySettings, RetentionDays = 180,
    });

    public static readonly ConsentDraft ConsentDraft = new()
    {
        Username = "asha", Purpose = ConsentPurpose.Recording, Version = "2026-01", Decision = ConsentDecision.Given, DecidedAt = At, Evidence = """{"screen":"welcome","app":"4.2"}""",
    };

    public static readonly Consent Consent = Stored(new Consent
    {
        Username = "asha", Purpose = ConsentPurpose.Recording, Version = "2026-01", Decision = ConsentDecision.Given, DecidedAt = At, Evidence = ConsentDraft.Evidence,
    });

    public static readonly ConsentState ConsentState = new("asha", ConsentPurpose.Recording, true, Consent, "2026-01");

    public static readonly SessionDraft SessionDraft = new() { Username = "asha", State = SessionState.Active, Language = "hi-IN", Context = """{"topic":"weather"}""" };

    public static readonly ConversationSession Session = Stored(new ConversationSession
    {
        Username = "asha", State = SessionState.Active, Language = "hi-IN", Context = SessionDraft.Context, Turns = 1, StartedAt = At, LastActiveAt = At,
    });

    public static readonly TurnDraft TurnDraft = new() { SessionId = SessionId, Role = TurnRole.User, Text = "Kal mausam kaisa rahega?", Intent = "weather.tomorrow", AudioFileId = Audio };

    public static readonly Turn Turn = Stored(new Turn
    {
        SessionId = SessionId, Username = "asha", Number = 1, Role = TurnRole.User, Text = TurnDraft.Text!, Intent = "weather.tomorrow", AudioFileId = Audio, SpokenAt = At,
    });

    public static readonly AudioDraft AudioDraft = new() { Username = "asha", FileId = File, Language = "hi-IN", Transcript = "Kal mausam kaisa rahega?" };

    public static readonly AudioFile AudioFile = Stored(new AudioFile
    {
        Username = "asha", FileId = File, Type = "audio/wav", Format = "pcm", SampleRate = 16_000, Channels = 1, BitsPerSample = 16, Duration = 1.84, Language = "hi-IN", RecordedAt = At, Transcript = AudioDraft.Transcript,
    });

    public static readonly MetricDraft MetricDraft = new() { Name = "asr.latency", Value = 412, Unit = "ms", Labels = """{"model":"asr-3","language":"hi"}""", At = At };

    public static readonly SystemMetric Metric = Stored(new SystemMetric { Name = "asr.latency", Value = 412, Unit = "ms", Labels = MetricDraft.Labels, At = At });

    public static readonly UserExportView Export = new()
    {
        Id = new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e33"), Status = PersonJobStatus.Succeeded, RequestedBy = "k3v9x0q2m7ab", RowsTotal = 412, RowsDone = 412, FilesTotal = 40, FilesDone = 40, BytesTotal = 231_004,
        BytesDone = 231_004, FileId = new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e33"), Attempts = 1, CreatedAt = At, StartedAt = At.AddSeconds(1), FinishedAt = At.AddSeconds(3),
    };

    public static readonly UserErasureView Erasure = new()
    {
        Id = new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e34"), Status = PersonJobStatus.Succeeded, RequestedBy = "k3v9x0q2m7ab", RowsTotal = 412, RowsDone = 412, FilesDone = 40, BytesDone = 231_004,
        Removed = new ErasureCounts(new Dictionary<string, long> { ["stored_files"] = 40, ["voice_turns"] = 331, ["voice_users"] = 1 }, 0, 0, 40), HasCertificate = true, Attempts = 1,
        CreatedAt = At, StartedAt = At.AddSeconds(1), FinishedAt = At.AddSeconds(4),
    };

    public const string Certificate = "CloudStore erasure certificate v1\n{\"tenant\":\"default\",\"job\":\"019caf3e-8d60-7c3a-9f10-6a5b4c3d2e34\",...}\n\n\u2014 cloudstore/audit/1f2e3d4c Hy49TDBF...\n";

    public static Page<T> Page<T>(T record) => new([record], null, 1);

    private static T Stored<T>(T record)
        where T : Record
    {
        record.Id = record is AudioFile ? Audio : record is ConversationSession ? SessionId : new Guid("019caf3e-8d60-7c3a-9f10-6a5b4c3d2e2f");
        record.CreatedAt = record.UpdatedAt = At;
        record.Revision = 1;
        return record;
    }
}
