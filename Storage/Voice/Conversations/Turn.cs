using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Voice.Conversations;

/// <summary>Who spoke.</summary>
public enum TurnRole
{
    User,
    Assistant,
    System,
}

/// <summary>What was said at one place of a conversation.</summary>
public sealed class Turn : Record
{
    public Guid SessionId { get; set; }

    /// <summary>The session's user.</summary>
    public string Username { get; set; } = "";

    /// <summary>Its place in the session: 1, 2, 3 ... in the order in which turns were kept.</summary>
    public int Number { get; set; }

    public TurnRole Role { get; set; }

    /// <summary>Encrypted.</summary>
    public string Text { get; set; } = "";

    /// <summary>The text as it is stored.</summary>
    [JsonIgnore]
    public byte[]? Words { get; set; }

    public string? Intent { get; set; }

    /// <summary>The recording of it.</summary>
    public Guid? AudioFileId { get; set; }

    /// <summary>UTC.</summary>
    public DateTime SpokenAt { get; set; }
}

/// <summary>What a caller says about a turn. Absent is null.</summary>
public sealed record TurnDraft
{
    public const int LongestText = 32_000;

    /// <summary>Needed: a session that is not over. It cannot be changed.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>user where absent.</summary>
    public TurnRole Role { get; init; }

    /// <summary>Needed; up to 32,000 characters. Kept encrypted.</summary>
    public string? Text { get; init; }

    /// <summary>Up to 128 characters.</summary>
    public string? Intent { get; init; }

    /// <summary>An audio file of the same user.</summary>
    public Guid? AudioFileId { get; init; }

    /// <summary>Now where absent.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? SpokenAt { get; init; }

    public static TurnDraft Of(Turn t) => new() { SessionId = t.SessionId, Role = t.Role, Text = t.Text, Intent = t.Intent, AudioFileId = t.AudioFileId, SpokenAt = t.SpokenAt };

    internal void ApplyTo(Turn t, DateTime now)
    {
        (t.SessionId, t.Role, t.Text, t.Intent, t.AudioFileId) = (SessionId ?? default, Role, Text ?? "", Intent, AudioFileId);
        t.SpokenAt = SpokenAt is { } at ? Instants.ToStored(at) : t.SpokenAt == default ? now : t.SpokenAt;
    }

    internal static void Check(Turn t, Action<string, string, string> report)
    {
        if (t.SessionId == default)
        {
            report("sessionId", "required", "sessionId is missing.");
        }

        TextRules.Check("text", t.Text, LongestText, report, required: true, prose: true);
        TextRules.Check("intent", t.Intent, 128, report);
        Conversations.SpokenAt.Check("spokenAt", t.SpokenAt, report);
    }
}
