using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>
/// Natural keys of campaigns: parts joined by <c>|</c>, with <c>\</c> and <c>|</c> inside a part escaped by <c>\</c>. A key over 400 characters keeps its
/// first 300 and the SHA-256 of all of it.
/// </summary>
public static class CampaignKey
{
    /// <summary>
    /// The key of a row whose source names no other: campaignId, date, platform and channel, those of them that the source gives. Whether a part is given
    /// is what the row holds before <see cref="CampaignDefaults.Fill"/>: a row without a platform has no platform in its key, though it gets one later.
    /// A midnight is written as its day.
    /// </summary>
    public static string Default(Campaign campaign) => Default(campaign.CampaignId, campaign.Date, campaign.Platform, campaign.Channel);

    /// <summary>The key of arbitrary parts. A part that is absent is empty, so that the others keep their places.</summary>
    public static string Of(ReadOnlySpan<string?> parts)
    {
        var key = new KeyWriter(stackalloc char[KeyWriter.Initial]);
        for (int i = 0; i < parts.Length; i++)
        {
            if (i > 0)
            {
                key.Separate();
            }

            key.Append(parts[i]);
        }

        return key.ToKey();
    }

    /// <summary>
    /// The key of a changed campaign. It follows the change where the old key was the default key of the old values; a key made of other columns stays.
    /// </summary>
    internal static string AfterChange(Campaign old, Campaign changed)
    {
        // Filled-in parts were no part of the key; which ones they were can only be told by trying.
        bool channelMayBeFilled = old.Channel == CampaignDefaults.Unknown;
        bool platformMayBeFilled = old.Platform == old.Channel;
        for (int filled = 0; filled < 4; filled++)
        {
            bool channelFilled = (filled & 1) != 0;
            bool platformFilled = (filled & 2) != 0;
            if ((channelFilled && !channelMayBeFilled) || (platformFilled && !platformMayBeFilled))
            {
                continue;
            }

            if (Default(old.CampaignId, old.Date, platformFilled ? null : old.Platform, channelFilled ? null : old.Channel) == old.NaturalKey)
            {
                return Default(
                    changed.CampaignId,
                    changed.Date,
                    platformFilled && changed.Platform == old.Platform ? null : changed.Platform,
                    channelFilled && changed.Channel == old.Channel ? null : changed.Channel);
            }
        }

        return old.NaturalKey;
    }

    private static string Default(string? campaignId, DateTime? date, string? platform, string? channel)
    {
        var key = new KeyWriter(stackalloc char[KeyWriter.Initial]);
        key.AppendGiven(campaignId);
        if (date is { } instant)
        {
            key.AppendGiven(Instants.ToStored(instant));
        }

        key.AppendGiven(platform);
        key.AppendGiven(channel);
        return key.ToKey();
    }
}
