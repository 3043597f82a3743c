using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using CloudStore.Storage.Voice.Audio;
using CloudStore.Storage.Voice.Consents;
using CloudStore.Storage.Voice.Conversations;
using CloudStore.Storage.Voice.Metrics;
using CloudStore.Storage.Voice.Profiles;
using CloudStore.Storage.Voice.Users;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Voice;

/// <summary>The tables of the voice area. All but the metrics are a user's, under whose keys their encrypted fields are.</summary>
internal sealed class VoiceModel : IRecordModel
{
    public const string Users = "voice_users", Profiles = "voice_profiles", Consents = "voice_consents", Sessions = "voice_sessions", Turns = "voice_turns", AudioFiles = "voice_audio_files",
        Metrics = "voice_metrics";

    public void Configure(ModelBuilder model, StoreDialect dialect)
    {
        ConfigureUsers(model);
        model.Entity<ConversationSession>(e =>
        {
            e.ToTable(Sessions);
            e.HasKeySubject(s => s.Username);
            e.Encrypts("memory", s => s.Context);
            e.HasAge(s => s.LastActiveAt);
            e.Property(s => s.State).HasConversion<string>();
            e.HasIndex(s => new { s.Tenant, s.Username, s.StartedAt });
            e.HasIndex(s => new { s.Tenant, s.Id });
        });
        model.Entity<Turn>(e =>
        {
            e.ToTable(Turns);
            e.HasKeySubject(t => t.Username);
            e.Encrypts("words", t => t.Text);
            e.Property(t => t.Role).HasConversion<string>();
            // Across deleted turns too: a number is never given twice.
            e.HasIndex(t => new { t.Tenant, t.SessionId, t.Number }).IsUnique();
            e.HasIndex(t => new { t.Tenant, t.Username, t.CreatedAt });
            e.HasIndex(t => new { t.Tenant, t.Id });
        });
        model.Entity<AudioFile>(e =>
        {
            e.ToTable(AudioFiles);
            e.HasKeySubject(a => a.Username);
            // A file is one recording.
            e.HasIndex(a => new { a.Tenant, a.FileId }).IsUnique().HasFilter("deleted_at IS NULL");
            e.Encrypts("words", a => a.Transcript);
            e.HasIndex(a => new { a.Tenant, a.Username, a.CreatedAt });
            e.HasIndex(a => new { a.Tenant, a.Id });
        });
        model.Entity<SystemMetric>(e =>
        {
            e.ToTable(Metrics);
            e.HasAge(m => m.At);
            e.Property(m => m.Labels).IsJson(dialect);
            e.HasIndex(m => new { m.Tenant, m.Name, m.At });
            e.HasIndex(m => new { m.Tenant, m.At });
        });
    }

    private static void ConfigureUsers(ModelBuilder model)
    {
        model.Entity<User>(e =>
        {
            e.ToTable(Users);
            e.HasNaturalKey(u => u.Username);
            e.HasKeySubject(u => u.Username);
            e.Encrypts("contact", u => u.Email, u => u.Phone);
            e.HasBlindIndex(u => u.EmailIndex, u => u.Email, ignoreCase: true);
            e.Property(u => u.Status).HasConversion<string>();
            e.HasIndex(u => new { u.Tenant, u.Id });
        });
        model.Entity<UserProfile>(e =>
        {
            e.ToTable(Profiles);
            e.HasNaturalKey(p => p.Username);
            e.HasKeySubject(p => p.Username);
            e.Encrypts("settings", p => p.Accent, p => p.Preferences, p => p.PrivacySettings);
            e.HasIndex(p => new { p.Tenant, p.Id });
        });
        model.Entity<Consent>(e =>
        {
            e.ToTable(Consents);
            e.HasKeySubject(c => c.Username);
            e.Encrypts("proof", c => c.Evidence);
            e.Property(c => c.Purpose).HasConversion<string>();
            e.Property(c => c.Decision).HasConversion<string>();
            e.HasIndex(c => new { c.Tenant, c.Username, c.Purpose, c.DecidedAt });
            e.HasIndex(c => new { c.Tenant, c.Id });
        });
    }
}
