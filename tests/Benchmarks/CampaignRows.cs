using System.Globalization;

namespace CloudStore.Benchmarks;

/// <summary>Campaign rows that are the same in every run: row n depends on n alone.</summary>
internal static class CampaignRows
{
    public static readonly string[] Platforms = ["meta", "google", "tiktok", "linkedin", "x", "bing", "snap", "pinterest"];
    public static readonly DateTime FirstDay = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    public const int Days = 730;
    private static readonly string[] Channels = ["social", "search", "display", "video", "email", "affiliate"];

    public static string Id(int row) => $"c-{row}";

    /// <summary>Writes rows as CSV with a header: the fields of campaigns and three columns that become additional data.</summary>
    public static void WriteCsv(string path, int rows, int first = 0)
    {
        using var file = new StreamWriter(path, false, new System.Text.UTF8Encoding(false), 1 << 20);
        file.WriteLine("campaignId,campaignName,platform,channel,spend,impressions,clicks,conversions,revenue,date,region,device,creative");
        for (int i = first; i < first + rows; i++)
        {
            var (a, b, c, d) = Random(i);
            uint impressions = a % 100_000;
            uint clicks = b % (1 + (impressions >> 4));
            file.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"c-{i},Campaign {i} {Channels[b % 6]} {c:x8}{d:x8},{Platforms[a % 8]},{Channels[b % 6]},{c % 1_000_000 / 100m:0.00},{impressions},{clicks},{d % (1 + (clicks >> 3))},{d % 9_000_000 / 100m:0.00},{Day(i):yyyy-MM-dd},region-{a % 50},{(b % 2 == 0 ? "desktop" : "mobile")},creative-{b % 1000:0000}-variant-{a % 7}"));
        }
    }

    /// <summary>A row as the body of a request; <paramref name="id"/> is put in as it is.</summary>
    public static string Json(int row, string id)
    {
        var (a, b, c, d) = Random(row);
        uint impressions = a % 100_000;
        uint clicks = b % (1 + (impressions >> 4));
        return string.Create(CultureInfo.InvariantCulture,
            $$$"""{"campaignId":"{{{id}}}","campaignName":"Campaign {{{id}}}","platform":"{{{Platforms[a % 8]}}}","channel":"{{{Channels[b % 6]}}}","spend":{{{c % 1_000_000 / 100m}}},"impressions":{{{impressions}}},"clicks":{{{clicks}}},"conversions":{{{d % (1 + (clicks >> 3))}}},"date":"{{{Day(row):yyyy-MM-dd}}}T00:00:00Z","additionalData":{"v":{{{d % 10}}},"tags":["t{{{a % 50}}}","t{{{b % 50}}}"],"src":"gen"}}""");
    }

    private static DateTime Day(int row) => FirstDay.AddDays(Random(row).A % Days);

    private static (uint A, uint B, uint C, uint D) Random(int row) => (Mix((uint)row), Mix((uint)row + 0x1000000), Mix((uint)row + 0x2000000), Mix((uint)row + 0x3000000));

    // Spreads neighbouring numbers over all 32 bits: xor-shift and multiply, twice.
    private static uint Mix(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7feb352d;
        x = (x ^ (x >> 15)) * 0x846ca68b;
        return x ^ (x >> 16);
    }
}
