using System.Text.Json.Serialization;
using CloudStore.Api.Http;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Api.Retail;

/// <summary>The body of a batch: an object with <c>items</c>, or the array of items alone.</summary>
/// <param name="Items">1 to 10,000 sales.</param>
[JsonConverter(typeof(SaleBatchConverter))]
internal sealed record SaleBatch(IReadOnlyList<SaleDraft> Items);

/// <summary>Reads both forms.</summary>
internal sealed class SaleBatchConverter() : BatchConverter<SaleBatch, SaleDraft>(items => new SaleBatch(items), batch => batch.Items);
