using System.Text.Json;
using System.Text.Json.Serialization;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Voice.Consents;

/// <summary>What a user can allow.</summary>
public enum ConsentPurpose
{
    /// <summary>Keeping recordings of their voice.</summary>
    Recording,

    /// <summary>Keeping what they said in recordings as text.</summary>
    Transcription,

    /// <summary>Keeping what is said in conversations, and their context.</summary>
    Conversation,

    /// <summary>Keeping accent, preferences and the like.</summary>
    Personalization,

    /// <summary>Of the callers' own processing, which asks.</summary>
    Analytics,

    /// <inheritdoc cref="Analytics"/>
    Training,

    /// <inheritdoc cref="Analytics"/>
    Marketing,
}

/// <summary>What a user decided.</summary>
public enum ConsentDecision
{
    Given,
    Withdrawn,
}

/// <summary>
/// A decision of a user about one purpose, under one version of its text. Decisions are added and never changed: the last one counts, and those before tell what was allowed when.
/// </summary>
public sealed class Consent : Record
{
    public string Username { get; set; } = "";

    public ConsentPurpose Purpose { get; set; }

    /// <summary>Of the text that the user was shown.</summary>
    public string Version { get; set; } = "";

    public ConsentDecision Decision { get; set; }

    /// <summary>UTC.</summary>
    public DateTime DecidedAt { get; set; }

    /// <summary>How it is known: a JSON object. Encrypted.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Evidence { get; set; }

    /// <summary>The evidence as it is stored.</summary>
    [JsonIgnore]
    public byte[]? Proof { get; set; }
}

/// <summary>Purposes as callers write them.</summary>
internal static class ConsentNames
{
    public static readonly IReadOnlyList<string> All = [.. Enum.GetValues<ConsentPurpose>().Select(Of)];

    public static string Of(ConsentPurpose purpose) => JsonNamingPolicy.CamelCase.ConvertName(purpose.ToString());
}
