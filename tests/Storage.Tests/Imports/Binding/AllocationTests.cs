using System.Globalization;
using System.Text;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Tests.Imports.Binding;

/// <summary>What the hot path of imports allocates. A change that allocates more shows here before it shows as time.</summary>
public class AllocationTests
{
    private const int Rows = 20_000;

    [Fact]
    public async Task A_row_costs_its_record_and_nothing_in_reading()
    {
        await BytesPerRowAsync(bind: true);
        Assert.InRange(await BytesPerRowAsync(bind: false), 0, 16);
        Assert.InRange(await BytesPerRowAsync(bind: true), 700, 850);
    }

    [Fact]
    public void Encoding_for_COPY_allocates_nothing()
    {
        var buffer = new CopyBuffer();
        Encode(buffer, Rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Encode(buffer, Rows);
        // Less than a byte a row: the runtime itself may allocate once, e.g. when it replaces a running method by a faster one.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Rows - 1);
    }

    private static void Encode(CopyBuffer buffer, int rows)
    {
        for (int i = 0; i < rows; i++)
        {
            buffer.Clear();
            buffer.Numeric(i / 100m);
            buffer.Text("Campaign");
            buffer.Jsonb("{}");
            buffer.TimestampTz(DateTime.UnixEpoch);
        }
    }

    private static async Task<double> BytesPerRowAsync(bool bind)
    {
        var text = new StringBuilder("campaignId,campaignName,platform,channel,spend,impressions,clicks,conversions,revenue,date,region,device,creative\n");
        for (int i = 0; i < Rows; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"c-{i},Campaign {i} email 2265b1f591b7584a,bing,email,7120.10,90037,{i % 4486},23,10900.37,2025-11-{1 + i % 28:00},region-37,mobile,creative-0010-variant-6\n");
        }

        var file = Encoding.UTF8.GetBytes(text.ToString());
        var target = new CampaignImport();
        var token = TestContext.Current.CancellationToken;
        using var binder = target.CreateBinder(ImportPlan.Create(target, new ImportOptions { Target = target.Name }));
        await using var reader = await RowReaders.OpenAsync(_ => ValueTask.FromResult<Stream>(new MemoryStream(file)), file.Length, new ImportSettings().ReadOptions(new ImportOptions()), null, token);
        await reader.ReadAsync(token);
        binder.Bind(reader);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < Rows; i++)
        {
            // Completes at once: the file is in memory.
            await reader.ReadAsync(token);
            if (bind)
            {
                binder.Bind(reader);
            }
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Rows;
    }
}
