using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Users;

namespace CloudStore.Storage.Voice.Conversations;

/// <summary>Where a conversation stands.</summary>
public enum SessionState
{
    Active,

    /// <summary>For the user, or for something that was asked.</summary>
    Waiting,
    Completed,
    Abandoned,
    Failed,
}

/// <summary>A conversation of a user with an assistant.</summary>
public sealed class ConversationSession : Record
{
    public string Username { get; set; } = "";

    public SessionState State { get; set; }

    /// <summary>A language tag (BCP 47).</summary>
    public string? Language { get; set; }

    /// <summary>What the assistant keeps in mind: a JSON object. Encrypted.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Context { get; set; }

    /// <summary>The context as it is stored.</summary>
    [JsonIgnore]
    public byte[]? Memory { get; set; }

    /// <summary>How many turns there were; each has its number.</summary>
    public int Turns { get; set; }

    /// <summary>UTC.</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>UTC; when the last turn was kept, or the session began. Retention counts from here.</summary>
    public DateTime LastActiveAt { get; set; }

    /// <summary>UTC; null while it goes on.</summary>
    public DateTime? EndedAt { get; set; }

    internal bool IsOver => State is SessionState.Completed or SessionState.Abandoned or SessionState.Failed;
}

/// <summary>What a caller says about a session. Absent is null.</summary>
public sealed record SessionDraft
{
    /// <summary>Needed: a user who is there. It cannot be changed.</summary>
    public string? Username { get; init; }

    /// <summary>active where absent.</summary>
    public SessionState State { get; init; }

    public string? Language { get; init; }

    /// <summary>A JSON object of up to 64 KiB; needs the consent conversation. Kept encrypted.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Context { get; init; }

    /// <summary>Now where absent.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? StartedAt { get; init; }

    /// <summary>Where absent, the time at which the session was said to be over.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? EndedAt { get; init; }

    public static SessionDraft Of(ConversationSession s) => new() { Username = s.Username, State = s.State, Language = s.Language, Context = s.Context, StartedAt = s.StartedAt, EndedAt = s.EndedAt };

    internal void ApplyTo(ConversationSession s, DateTime now)
    {
        (s.Username, s.State, s.Language, s.Context) = (Username ?? "", State, Language, Context);
        s.StartedAt = StartedAt is { } started ? Instants.ToStored(started) : now;
        s.EndedAt = EndedAt is { } ended ? Instants.ToStored(ended) : s.IsOver ? now : null;
        s.LastActiveAt = s.LastActiveAt == default ? now : s.LastActiveAt;
    }

    internal static void Check(ConversationSession s, Action<string, string, string> report)
    {
        UserRules.CheckUsername(s.Username, report);
        LanguageRules.Check("language", s.Language, report);
        JsonRules.CheckObject("context", s.Context, report);
        SpokenAt.Check("startedAt", s.StartedAt, report);
        if (s.EndedAt is { } end && end < s.StartedAt)
        {
            report("endedAt", "after-start", $"endedAt must not be before startedAt; it is {end:yyyy-MM-ddTHH:mm:ssZ}.");
        }

        if (s.EndedAt is not null && !s.IsOver)
        {
            report("endedAt", "over", "endedAt is for sessions that are completed, abandoned or failed.");
        }
    }
}

/// <summary>Rules of instants at which something was said.</summary>
internal static class SpokenAt
{
    private static readonly DateTime Earliest = new(1950, 1, 1, 0, 0, 0, DateTimeKind.Utc), Latest = new(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static void Check(string field, DateTime at, Action<string, string, string> report)
    {
        if (at < Earliest || at >= Latest)
        {
            report(field, "range", $"{field} must be from 1950 to 2099; it is {at:yyyy-MM-dd}.");
        }
    }
}
