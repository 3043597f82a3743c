using CloudStore.Storage.Campaigns;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Campaigns;

/// <summary>The filters of campaigns as query parameters.</summary>
/// <param name="Platform">Exactly this platform.</param>
/// <param name="Channel">Exactly this channel.</param>
/// <param name="FunnelStage">Exactly this funnel stage.</param>
/// <param name="CampaignId">Exactly this campaign id.</param>
/// <param name="From">A day or an instant, inclusive; UTC where it has no offset.</param>
/// <param name="To">A day, which is included, or an instant, which is not.</param>
/// <param name="Search">A part of the name or the id, in any case.</param>
internal readonly record struct CampaignQuery(
    [property: FromQuery(Name = "platform")] string? Platform,
    [property: FromQuery(Name = "channel")] string? Channel,
    [property: FromQuery(Name = "funnelStage")] string? FunnelStage,
    [property: FromQuery(Name = "campaignId")] string? CampaignId,
    [property: FromQuery(Name = "from")] string? From,
    [property: FromQuery(Name = "to")] string? To,
    [property: FromQuery(Name = "search")] string? Search)
{
    public CampaignFilter ToFilter() => new()
    {
        Platform = Platform,
        Channel = Channel,
        FunnelStage = FunnelStage,
        CampaignId = CampaignId,
        From = CampaignFilter.ParseFrom(From),
        Before = CampaignFilter.ParseTo(To),
        Search = Search,
    };
}
