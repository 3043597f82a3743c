using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Storage.Campaigns;

/// <summary>Which campaigns; what is null does not filter. Texts match exactly, in their case.</summary>
public sealed record CampaignFilter
{
    public string? Platform { get; init; }

    public string? Channel { get; init; }

    public string? FunnelStage { get; init; }

    public string? CampaignId { get; init; }

    /// <summary>UTC, inclusive. Campaigns without a date are left out.</summary>
    public DateTime? From { get; init; }

    /// <summary>UTC, exclusive. Campaigns without a date are left out.</summary>
    public DateTime? Before { get; init; }

    /// <summary>A part of the name or the id, in any case; letters beyond ASCII match where they are all lower or all upper case.</summary>
    public string? Search { get; init; }

    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(CultureInfo.InvariantCulture,
        $"campaigns\u001f{Platform}\u001f{Channel}\u001f{FunnelStage}\u001f{CampaignId}\u001f{From?.Ticks}\u001f{Before?.Ticks}\u001f{Search}");

    /// <summary>The instant from which on <c>from=</c> means.</summary>
    /// <exception cref="ProblemException">It is no date.</exception>
    public static DateTime? ParseFrom(string? from) => DateParameter.From(from);

    /// <summary>The instant before which <c>to=</c> means: an instant is the end itself, a day is included whole.</summary>
    /// <exception cref="ProblemException">It is no date.</exception>
    public static DateTime? ParseTo(string? to) => DateParameter.To(to);

    internal IQueryable<Campaign> Apply(IQueryable<Campaign> query)
    {
        query = Platform is { Length: > 0 } platform ? query.Where(c => c.Platform == platform) : query;
        query = Channel is { Length: > 0 } channel ? query.Where(c => c.Channel == channel) : query;
        query = FunnelStage is { Length: > 0 } stage ? query.Where(c => c.FunnelStage == stage) : query;
        query = CampaignId is { Length: > 0 } id ? query.Where(c => c.CampaignId == id) : query;
        query = From is { } from ? query.Where(c => c.Date >= from) : query;
        query = Before is { } before ? query.Where(c => c.Date < before) : query;
        return Search is { Length: > 0 } search ? Matching(query, search) : query;
    }

    // Both databases lower ASCII letters only (columns are in byte order), so other letters are tried in both their cases.
    private static IQueryable<Campaign> Matching(IQueryable<Campaign> query, string search)
    {
        var lower = search.ToLowerInvariant();
        var upper = LowerAscii(search.ToUpperInvariant());
#pragma warning disable CA1304, CA1311, CA1862 // translated to SQL's lower()
        return lower == upper
            ? query.Where(c => c.CampaignName.ToLower().Contains(lower) || c.CampaignId.ToLower().Contains(lower))
            : query.Where(c => c.CampaignName.ToLower().Contains(lower) || c.CampaignName.ToLower().Contains(upper)
                || c.CampaignId.ToLower().Contains(lower) || c.CampaignId.ToLower().Contains(upper));
#pragma warning restore CA1304, CA1311, CA1862
    }

    private static string LowerAscii(string text) => string.Create(text.Length, text, static (chars, t) =>
    {
        for (int i = 0; i < chars.Length; i++)
        {
            chars[i] = char.IsAsciiLetterUpper(t[i]) ? (char)(t[i] | 0x20) : t[i];
        }
    });
}
