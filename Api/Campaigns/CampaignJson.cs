using System.Text.Json.Serialization;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Api.Campaigns;

/// <summary>The area's requests and answers, without reflection; the options are the API's.</summary>
[JsonSerializable(typeof(Campaign))]
[JsonSerializable(typeof(CampaignDraft))]
[JsonSerializable(typeof(CampaignBatch))]
[JsonSerializable(typeof(List<CampaignDraft>))]
[JsonSerializable(typeof(IReadOnlyList<CampaignDraft>))]
[JsonSerializable(typeof(BatchResult))]
[JsonSerializable(typeof(Page<Campaign>))]
[JsonSerializable(typeof(MetricsAnswer))]
[JsonSerializable(typeof(Analysis))]
[JsonSerializable(typeof(AnalysisDraft))]
[JsonSerializable(typeof(Page<Analysis>))]
[JsonSerializable(typeof(CampaignContext))]
[JsonSerializable(typeof(ContextDraft))]
[JsonSerializable(typeof(Page<CampaignContext>))]
[JsonSerializable(typeof(QueryHistory))]
[JsonSerializable(typeof(QueryDraft))]
[JsonSerializable(typeof(FeedbackDraft))]
[JsonSerializable(typeof(Page<QueryHistory>))]
[JsonSerializable(typeof(LlmUsage))]
[JsonSerializable(typeof(LlmUsageDraft))]
[JsonSerializable(typeof(LlmUsageTotals))]
[JsonSerializable(typeof(Page<LlmUsage>))]
internal sealed partial class CampaignJson : JsonSerializerContext;
