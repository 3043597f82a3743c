using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Voice.Users;

namespace CloudStore.Storage.Voice.Consents;

/// <summary>A decision as a caller reports it.</summary>
public sealed record ConsentDraft
{
    /// <summary>Needed: a user who is there.</summary>
    public string? Username { get; init; }

    /// <summary>Needed.</summary>
    public ConsentPurpose? Purpose { get; init; }

    /// <summary>Of the text that the user was shown. Needed.</summary>
    public string? Version { get; init; }

    /// <summary>Needed: given or withdrawn.</summary>
    public ConsentDecision? Decision { get; init; }

    /// <summary>Now where absent; not in the future.</summary>
    [JsonConverter(typeof(InstantConverter))]
    public DateTime? DecidedAt { get; init; }

    /// <summary>How it is known: a JSON object of up to 64 KiB. Kept encrypted.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public string? Evidence { get; init; }

    internal void Check(DateTime now, Action<string, string, string> report)
    {
        UserRules.CheckUsername(Username, report);
        TextRules.Check("version", Version, 64, report, required: true);
        JsonRules.CheckObject("evidence", Evidence, report);
        if (Purpose is null)
        {
            report("purpose", "required", $"purpose is missing; it is one of {string.Join(", ", ConsentNames.All)}.");
        }

        if (Decision is null)
        {
            report("decision", "required", "decision is missing; it is given or withdrawn.");
        }

        // Clocks of two machines differ by a little.
        if (DecidedAt > now.AddMinutes(5))
        {
            report("decidedAt", "not-in-the-future", $"decidedAt is when the user decided; it is {DecidedAt:yyyy-MM-ddTHH:mm:ssZ}, which has not come.");
        }
    }

    internal Consent ToConsent(DateTime now) => new()
    {
        Username = Username!, Purpose = Purpose!.Value, Version = Version!, Decision = Decision!.Value, DecidedAt = DecidedAt is { } at ? Instants.ToStored(at) : now, Evidence = Evidence,
    };
}
