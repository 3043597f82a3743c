using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;
using CloudStore.Storage.Retail.Compliance;
using CloudStore.Storage.Retail.Insights;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Risks;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Retail.Scenarios;

namespace CloudStore.Storage.Retail;

/// <summary>The JSON documents that the area keeps in its records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(PlainDecimalConverter)])]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<Driver>))]
[JsonSerializable(typeof(ViolationReport))]
[JsonSerializable(typeof(SaleScope))]
[JsonSerializable(typeof(ScenarioDraft))]
[JsonSerializable(typeof(ScenarioFigures))]
[JsonSerializable(typeof(ScenarioOutcome))]
[JsonSerializable(typeof(Evidence))]
[JsonSerializable(typeof(SpooledSales))]
internal sealed partial class RetailJson : JsonSerializerContext;
