using System.Text.Json;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Spooling;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>Sales that came while the database was away.</summary>
/// <param name="Items">As the caller sent them; their rules were checked.</param>
/// <param name="OnConflict">What happens where a sale of an item's key exists.</param>
public sealed record SpooledSales(IReadOnlyList<SaleDraft> Items, ConflictMode OnConflict)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, RetailJson.Default.SpooledSales);

    internal static SpooledSales From(byte[] bytes) => JsonSerializer.Deserialize(bytes, RetailJson.Default.SpooledSales)!;
}

/// <summary>
/// Stores them when it is back. Where the first attempt was stored although its sender heard nothing, the sales are there already under their keys: with
/// <see cref="ConflictMode.Reject"/> the entry is then refused for that reason, and nothing is stored twice.
/// </summary>
public sealed class SaleSpool : ISpoolTarget
{
    public const string TargetName = "retail.sales";

    /// <inheritdoc/>
    public string Name => TargetName;

    /// <inheritdoc/>
    public Task ApplyAsync(IServiceProvider services, SpoolEntry entry, CancellationToken cancellationToken)
    {
        var spooled = SpooledSales.From(entry.Body);
        return services.GetRequiredService<SaleService>().CreateManyAsync(spooled.Items, spooled.OnConflict, cancellationToken);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Subjects(SpoolEntry entry) => SpooledSales.From(entry.Body).Items.Select(i => i.CustomerId).OfType<string>();
}
