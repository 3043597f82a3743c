using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Benchmarks;

/// <summary>Bytes allocated for each row of an import, which decide how often the collector runs.</summary>
internal static class AllocationBenchmark
{
    private const int Rows = 100_000;

    public static async Task RunAsync(ResultTable table)
    {
        using var folder = new Scratch();
        CampaignRows.WriteCsv(folder.File("rows.csv"), Rows);
        await BytesPerRowAsync(folder.File("rows.csv"), bind: false);
        double read = await BytesPerRowAsync(folder.File("rows.csv"), bind: false);
        double bound = await BytesPerRowAsync(folder.File("rows.csv"), bind: true);
        table.Add("allocated to read a CSV row", read, "bytes");
        table.Add("allocated to read and bind a campaign", bound, "bytes");
        table.Add("allocated to encode 100,000 decimals for COPY", Encoded(), "bytes");
    }

    /// <summary>Reads a file of campaigns, and binds its rows to records where asked.</summary>
    public static async Task<double> BytesPerRowAsync(string file, bool bind)
    {
        var target = new CampaignImport();
        var options = new ImportOptions { Target = target.Name };
        using var binder = target.CreateBinder(ImportPlan.Create(target, options));
        await using var reader = await RowReaders.OpenAsync(_ => ValueTask.FromResult<Stream>(File.OpenRead(file)), new FileInfo(file).Length, new ImportSettings().ReadOptions(options), null, CancellationToken.None);
        long before = GC.GetTotalAllocatedBytes(true);
        int rows = 0;
        while (await reader.ReadAsync(CancellationToken.None))
        {
            rows++;
            if (bind)
            {
                binder.Bind(reader);
            }
        }

        return (GC.GetTotalAllocatedBytes(true) - before) / (double)rows;
    }

    private static double Encoded()
    {
        var buffer = new CopyBuffer();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rows; i++)
        {
            buffer.Clear();
            buffer.Numeric(i / 100m);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
