using System.Text.Json.Serialization;
using CloudStore.Api.Http;
using CloudStore.Storage.Campaigns;

namespace CloudStore.Api.Campaigns;

/// <summary>The body of a batch: an object with <c>items</c>, or the array of items alone.</summary>
/// <param name="Items">1 to 10,000 campaigns.</param>
[JsonConverter(typeof(CampaignBatchConverter))]
internal sealed record CampaignBatch(IReadOnlyList<CampaignDraft> Items);

/// <summary>Reads both forms.</summary>
internal sealed class CampaignBatchConverter() : BatchConverter<CampaignBatch, CampaignDraft>(items => new CampaignBatch(items), batch => batch.Items);
