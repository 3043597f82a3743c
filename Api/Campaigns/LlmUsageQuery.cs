using CloudStore.Storage.Campaigns;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Campaigns;

/// <summary>The filters of model usage as query parameters.</summary>
/// <param name="Provider">Exactly this provider.</param>
/// <param name="Model">Exactly this model.</param>
/// <param name="Operation">Exactly this operation.</param>
/// <param name="From">A day or an instant, inclusive; UTC where it has no offset.</param>
/// <param name="To">A day, which is included, or an instant, which is not.</param>
internal readonly record struct LlmUsageQuery(
    [property: FromQuery(Name = "provider")] string? Provider,
    [property: FromQuery(Name = "model")] string? Model,
    [property: FromQuery(Name = "operation")] string? Operation,
    [property: FromQuery(Name = "from")] string? From,
    [property: FromQuery(Name = "to")] string? To)
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
