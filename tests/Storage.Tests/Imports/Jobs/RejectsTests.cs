using System.Globalization;
using System.Text;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Imports.Jobs;

/// <summary>What is rejected comes back in order, can be mended, and never stops the good rows.</summary>
public sealed class RejectsTests
{
    [Theory]
    [EachDatabase]
    public async Task Thousands_of_rejects_come_back_in_the_order_of_the_file(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database, settings: ("BatchRows", "700"));
        var csv = new StringBuilder("campaignId,spend\n");
        for (int i = 0; i < 5000; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"c{i},{(i % 2 == 0 ? "1" : "no")}\n");
        }

        var job = await store.LoadAsync(csv.ToString());
        Assert.Equal((5000, 2500, 0, 0, 2500), ImportStore.Counts(job));
        var lines = (await store.RejectsAsync(job)).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => $"{2 * i + 3},spend,no,spend: 'no' is not a number.,c{2 * i + 1},no"), lines);
    }

    [Theory]
    [InlineData("campaignId,spend,note\na,1,\"x, y\"\nb,no,\"say \"\"hi\"\"\"\n", "b,no,", "b,2,", "say \"hi\"")]
    [InlineData("campaignId;spend;note\na;1,5;x\nb;no;\"2;3\"\n", "b,no,", "b,\"2,0\",", "2;3")]
    [InlineData("{\"campaignId\":\"a\",\"spend\":1}\n{\"campaignId\":\"b\",\"spend\":\"no\",\"note\":\"two\\nlines\"}\n", "b,no,", "b,2,", "two\nlines")]
    [InlineData("[{\"campaignId\":\"a\",\"spend\":1},{\"campaignId\":\"b\",\"spend\":\"no\",\"note\":\"n\"}]", "b,no,", "b,2,", "n")]
    public async Task Mended_rejects_load_as_they_are(string file, string bad, string mended, string note)
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync(file);
        Assert.Equal((2, 1, 0, 0, 1), ImportStore.Counts(job));
        var rejects = await store.RejectsAsync(job);
        Assert.Contains(bad, rejects);
        Assert.Equal((1, 1, 0, 0, 0), ImportStore.Counts(await store.LoadAsync(rejects.Replace(bad, mended, StringComparison.Ordinal))));
        var row = (await store.CampaignsAsync())[1];
        Assert.Equal(("b", 2m), (row.CampaignId, row.Spend));
        using var kept = System.Text.Json.JsonDocument.Parse(row.AdditionalData!);
        Assert.Equal(note, kept.RootElement.GetProperty("note").GetString());
        Assert.Single(kept.RootElement.EnumerateObject());
    }

    [Fact]
    public async Task Rejects_that_are_still_bad_come_back_once_more_without_the_columns_of_the_round_before()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var first = await store.LoadAsync("campaignId,spend\na,no\n");
        var second = await store.LoadAsync(await store.RejectsAsync(first));
        Assert.Equal((1, 0, 0, 0, 1), ImportStore.Counts(second));
        Assert.Equal("line,column,value,reason,campaignId,spend\n2,spend,no,spend: 'no' is not a number.,a,no\n", await store.RejectsAsync(second));
    }

    [Theory]
    [InlineData(2, ImportStatus.Succeeded)]
    [InlineData(1, ImportStatus.Failed)]
    public async Task A_job_fails_with_one_reject_more_than_it_may_have(int most, ImportStatus status)
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync("campaignId,spend\na,no\nb,1\nc,no\nd,1\n", new ImportOptions { MaxRejects = most });
        Assert.Equal((status, (4, 2, 0, 0, 2)), (job.Status, ImportStore.Counts(job)));
        Assert.Equal(status == ImportStatus.Failed, job.Error?.Contains("2 rows were rejected, more than maxRejects=1.", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [EachDatabase]
    public async Task Characters_that_a_database_refuses_reject_their_row_and_nothing_else(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var emoji = new string('x', 199) + "\U0001F600";
        // NUL bytes at a file's beginning make it binary; these stand far behind it.
        var start = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"row-{i},1,\n"));
        var job = await store.LoadAsync($"campaignId,spend,note\n{start}a\0b,1,\nb,1,n\0l\nc,{emoji},\nd,2,x\n");
        Assert.Equal((ImportStatus.Succeeded, (40_004, 40_001, 0, 0, 3)), (job.Status, ImportStore.Counts(job)));
        Assert.Equal(["40002,", "40003,", "40004,spend"], (await store.RejectsAsync(job)).Split('\n')[1..4].Select(l => string.Join(',', l.Split(',')[..2])));

        var lines = await store.LoadAsync("{\"campaignId\":\"e\\u0000\"}\n{\"campaignId\":\"f\",\"x\":\"\\ud800\"}\n{\"campaignId\":\"g\",\"x\":1e400}\n{\"campaignId\":\"h\",\"\\u0000\":1}\n{\"campaignId\":\"i\"}\n");
        Assert.Equal((ImportStatus.Succeeded, (5, 1, 0, 0, 4)), (lines.Status, ImportStore.Counts(lines)));
    }

    [Theory]
    [EachDatabase]
    public async Task A_file_with_a_header_alone_loads_nothing_and_succeeds(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var job = await store.LoadAsync("campaignId,spend");
        Assert.Equal((ImportStatus.Succeeded, (0, 0, 0, 0, 0)), (job.Status, ImportStore.Counts(job)));
        Assert.Equal("line,column,value,reason,campaignId,spend\n", await store.RejectsAsync(job));
    }
}
