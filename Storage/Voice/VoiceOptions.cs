using CloudStore.Storage.Voice.Consents;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Voice;

/// <summary>Settings of the section <c>Voice</c>.</summary>
public sealed class VoiceOptions
{
    public const string Section = "Voice";

    /// <summary>The version of each purpose's text that is in force, e.g. <c>Voice:ConsentVersions:recording = 2026-01</c>: a consent to another does not count. Any counts where none is named.</summary>
    public Dictionary<string, string> ConsentVersions { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long what users say may and must be kept.</summary>
    public RetentionBounds Retention { get; } = new();

    /// <summary>The same for one tenant, in place of the others' as a whole: <c>Voice:Tenants:acme:MaxDays</c>.</summary>
    public Dictionary<string, RetentionBounds> Tenants { get; } = new(StringComparer.Ordinal);

    internal string? VersionOf(ConsentPurpose purpose) => ConsentVersions.GetValueOrDefault(ConsentNames.Of(purpose));

    internal RetentionBounds BoundsOf(string tenant) => Tenants.GetValueOrDefault(tenant, Retention);
}

/// <summary>Days between which a user may choose.</summary>
public sealed class RetentionBounds
{
    private const int Most = 36_500;

    /// <summary>Null: no less than a day.</summary>
    public int? MinDays { get; set; }

    /// <summary>Null: for good.</summary>
    public int? MaxDays { get; set; }

    /// <summary>For users who have not chosen; null: as long as may be.</summary>
    public int? DefaultDays { get; set; }

    internal bool IsAny => MinDays is not null || MaxDays is not null || DefaultDays is not null;

    /// <summary>How many days what a user said is kept; null: for good. What was chosen before the bounds changed is moved into them.</summary>
    public int? DaysOf(int? chosen)
    {
        int? days = chosen ?? DefaultDays ?? MaxDays;
        return days is { } d ? Math.Min(Math.Max(d, MinDays ?? 1), MaxDays ?? Most) : null;
    }

    internal IEnumerable<string> Faults(string setting)
    {
        foreach (var (name, days) in ((string, int?)[])[(nameof(MinDays), MinDays), (nameof(MaxDays), MaxDays), (nameof(DefaultDays), DefaultDays)])
        {
            if (days is < 1 or > Most)
            {
                yield return $"{setting}:{name} must be from 1 to {Most} days; it is {days}.";
            }
        }

        if (MinDays > MaxDays)
        {
            yield return $"{setting}:MinDays ({MinDays}) must not be more than MaxDays ({MaxDays}).";
        }

        if (DefaultDays < MinDays || DefaultDays > MaxDays)
        {
            yield return $"{setting}:DefaultDays ({DefaultDays}) must be between MinDays and MaxDays.";
        }
    }
}

/// <summary>Stops the start where a setting makes no sense.</summary>
internal sealed class VoiceOptionsAreRight : IValidateOptions<VoiceOptions>
{
    public ValidateOptionsResult Validate(string? name, VoiceOptions options)
    {
        var faults = options.Retention.Faults("Voice:Retention").Concat(options.Tenants.SelectMany(t => t.Value.Faults($"Voice:Tenants:{t.Key}")))
            .Concat(options.ConsentVersions.Keys.Where(k => !ConsentNames.All.Contains(k, StringComparer.OrdinalIgnoreCase)).Select(k => $"Voice:ConsentVersions:{k} names no purpose; there are {string.Join(", ", ConsentNames.All)}."))
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
