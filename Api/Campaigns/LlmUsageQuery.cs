using System.ComponentModel;
using CloudStore.Storage.Campaigns;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Campaigns;

/// <summary>The filters of model usage as query parameters.</summary>
internal readonly record struct LlmUsageQuery(
    [property: FromQuery(Name = "provider"), Description("Exactly this provider.")] string? Provider,
    [property: FromQuery(Name = "model"), Description("Exactly this model.")] string? Model,
    [property: FromQuery(Name = "operation"), Description("Exactly this operation.")] string? Operation,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To)
{
    public LlmUsageFilter ToFilter() => new()
    {
        Provider = Provider,
        Model = Model,
        Operation = Operation,
        From = CampaignFilter.ParseFrom(From),
        Before = CampaignFilter.ParseTo(To),
    };
}
