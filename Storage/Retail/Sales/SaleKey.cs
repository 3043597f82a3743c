using System.Globalization;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Retail.Sales;

/// <summary>
/// Natural keys of sales: parts joined by <c>|</c>, with <c>\</c> and <c>|</c> inside a part escaped by <c>\</c>. No price is ever a part: keys are kept in clear.
/// </summary>
public static class SaleKey
{
    /// <summary>
    /// The key of a line whose source names no other: invoice, line, product, store, time and quantity, each in its place and empty where it is not given. Two rows
    /// of a file that agree in all of them are one line written twice.
    /// </summary>
    public static string Default(Sale sale)
    {
        var key = new KeyWriter(stackalloc char[KeyWriter.Initial]);
        key.Append(sale.InvoiceId);
        key.Separate();
        key.Append(sale.LineId);
        key.Separate();
        key.Append(sale.ProductId);
        key.Separate();
        key.Append(sale.StoreId);
        key.Separate();
        Span<char> text = stackalloc char[32];
        if (sale.SoldAt is { } at)
        {
            Instants.ToStored(at).TryFormat(text, out int written, "yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
            key.Append(text[..written]);
        }

        key.Separate();
        if (sale.Quantity is { } quantity && quantity.TryFormat(text, out int length, "0.############", CultureInfo.InvariantCulture))
        {
            key.Append(text[..length]);
        }

        return key.ToKey();
    }

    /// <summary>The key of the columns that <c>key=</c> names. A part that is absent is empty, so that the others keep their places.</summary>
    public static string Of(ReadOnlySpan<string?> parts)
    {
        var key = new KeyWriter(stackalloc char[KeyWriter.Initial]);
        for (int i = 0; i < parts.Length; i++)
        {
            if (i > 0)
            {
                key.Separate();
            }

            key.Append(parts[i]);
        }

        return key.ToKey();
    }
}
