using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Users;

namespace CloudStore.Storage.Voice.Profiles;

/// <summary>How a user wants to be served, and for how long what they say is kept. One for each user.</summary>
public sealed class UserProfile : Record
{
    public string Username { get; set; } = "";

    /// <summary>A language tag (BCP 47).</summary>
    public string? Language { get; set; }

    /// <summary>Encrypted.</summary>
    public string? Accent { get; set; }

    /// <summary>A JSON object. Encrypted.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Preferences { get; set; }

    /// <summary>A JSON object. Encrypted.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? PrivacySettings { get; set; }

    /// <summary>Days that sessions, turns, recordings and files are kept; null: what the tenant has set.</summary>
    public int? RetentionDays { get; set; }

    /// <summary>Accent, preferences and privacy settings as they are stored.</summary>
    [JsonIgnore]
    public byte[]? Settings { get; set; }
}

/// <summary>What a caller says about a user's profile. Absent is null.</summary>
public sealed record ProfileDraft
{
    /// <summary>Needed: a user who is there. It cannot be changed.</summary>
    public string? Username { get; init; }

    public string? Language { get; init; }

    /// <summary>Up to 100 characters; needs the consent personalization.</summary>
    public string? Accent { get; init; }

    /// <summary>A JSON object of up to 64 KiB; needs the consent personalization.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Preferences { get; init; }

    /// <summary>A JSON object of up to 64 KiB.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? PrivacySettings { get; init; }

    /// <summary>Within the tenant's bounds.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Whether it has anything in it that the user has to allow.</summary>
    [JsonIgnore]
    internal bool IsPersonal => Accent is not null || Preferences is not null;

    public static ProfileDraft Of(UserProfile p) => new()
    {
        Username = p.Username, Language = p.Language, Accent = p.Accent, Preferences = p.Preferences, PrivacySettings = p.PrivacySettings, RetentionDays = p.RetentionDays,
    };

    internal void ApplyTo(UserProfile p)
    {
        (p.Username, p.Language, p.Accent) = (Username ?? "", Language, Accent);
        (p.Preferences, p.PrivacySettings, p.RetentionDays) = (Preferences, PrivacySettings, RetentionDays);
    }

    internal void Check(RetentionBounds bounds, Action<string, string, string> report)
    {
        UserRules.CheckUsername(Username, report);
        LanguageRules.Check("language", Language, report);
        TextRules.Check("accent", Accent, 100, report);
        JsonRules.CheckObject("preferences", Preferences, report);
        JsonRules.CheckObject("privacySettings", PrivacySettings, report);
        if (RetentionDays is { } days && bounds.DaysOf(days) != days)
        {
            report("retentionDays", "range", $"retentionDays must be from {bounds.MinDays ?? 1} to {bounds.MaxDays ?? 36_500}, the tenant's bounds; it is {days}.");
        }
    }
}
