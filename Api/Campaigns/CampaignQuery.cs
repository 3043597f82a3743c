using System.ComponentModel;
using CloudStore.Storage.Campaigns;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Campaigns;

/// <summary>The filters of campaigns as query parameters.</summary>
internal readonly record struct CampaignQuery(
    [property: FromQuery(Name = "platform"), Description("Exactly this platform.")] string? Platform,
    [property: FromQuery(Name = "channel"), Description("Exactly this channel.")] string? Channel,
    [property: FromQuery(Name = "funnelStage"), Description("Exactly this funnel stage.")] string? FunnelStage,
    [property: FromQuery(Name = "campaignId"), Description("Exactly this campaign id.")] string? CampaignId,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To,
    [property: FromQuery(Name = "search"), Description("A part of the name or the id, in any case.")] string? Search)
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
