using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Patterns;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Retail.Scenarios;

namespace CloudStore.Api.Retail;

/// <summary>The area's requests and answers, without reflection; the options are the API's.</summary>
[JsonSerializable(typeof(Sale))]
[JsonSerializable(typeof(SaleDraft))]
[JsonSerializable(typeof(SaleBatch))]
[JsonSerializable(typeof(List<SaleDraft>))]
[JsonSerializable(typeof(IReadOnlyList<SaleDraft>))]
[JsonSerializable(typeof(BatchResult))]
[JsonSerializable(typeof(Page<Sale>))]
[JsonSerializable(typeof(SaleTotals))]
[JsonSerializable(typeof(SaleSelection))]
[JsonSerializable(typeof(PatternRequest))]
[JsonSerializable(typeof(PatternRun))]
[JsonSerializable(typeof(DemandPattern))]
[JsonSerializable(typeof(Page<DemandPattern>))]
[JsonSerializable(typeof(RiskRequest))]
[JsonSerializable(typeof(RiskAssessment[]))]
[JsonSerializable(typeof(IReadOnlyList<RiskAssessment>))]
[JsonSerializable(typeof(Page<RiskAssessment>))]
[JsonSerializable(typeof(ScenarioDraft))]
[JsonSerializable(typeof(Scenario))]
[JsonSerializable(typeof(Page<Scenario>))]
[JsonSerializable(typeof(ComplianceResult[]))]
[JsonSerializable(typeof(IReadOnlyList<ComplianceResult>))]
[JsonSerializable(typeof(Page<ComplianceResult>))]
[JsonSerializable(typeof(Insight[]))]
[JsonSerializable(typeof(IReadOnlyList<Insight>))]
[JsonSerializable(typeof(Page<Insight>))]
internal sealed partial class RetailApiJson : JsonSerializerContext;
