using System.Globalization;

namespace CloudStore.Benchmarks;

/// <summary>Sales that are the same in every run: row n depends on n alone. A thousand products over two years, with printed prices.</summary>
internal static class SaleRows
{
    public const int Products = 1_000;
    private const int Days = 730;
    private static readonly DateTime FirstDay = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static void WriteCsv(string path, int rows)
    {
        using var file = new StreamWriter(path, false, new System.Text.UTF8Encoding(false), 1 << 20);
        file.WriteLine("invoice,sku,name,category,store,qty,mrp,price,date");
        for (int i = 0; i < rows; i++)
        {
            uint a = Mix((uint)i), b = Mix((uint)i + 0x1000000);
            uint product = a % Products;
            decimal mrp = 50 + (product * 3 % 950);
            decimal price = b % 1_000 == 0 ? mrp + 1 : Math.Round(mrp * (80 + (b % 20)) / 100, 2);
            file.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"i-{i},p-{product:0000},Product {product} of the range,category-{product % 40},store-{b % 50},{1 + (b >> 8) % 6},{mrp:0.00},{price:0.00},{FirstDay.AddDays((a >> 10) % Days).AddSeconds(b % 86_400):yyyy-MM-ddTHH:mm:ss}"));
        }
    }

    private static uint Mix(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7feb352d;
        x = (x ^ (x >> 15)) * 0x846ca68b;
        return x ^ (x >> 16);
    }
}
