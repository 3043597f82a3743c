using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Imports.Binding;

/// <summary>What a file's columns and values become, through the whole engine.</summary>
public sealed class FileMeaningTests
{
    private static readonly ImportOptions None = new();

    [Theory]
    [InlineData("3/4/2026\n31/3/2026", "2026-04-03 2026-03-31")]
    [InlineData("3/4/2026\n3/31/2026", "2026-03-04 2026-03-31")]
    [InlineData("3/4/2026\n3/31/2026\n03-04-2026\n31-03-2026", "2026-03-04 2026-03-31 2026-04-03 2026-03-31")]
    [InlineData("3.4.2026\n2026-05-06\n31.3.2026", "2026-04-03 2026-05-06 2026-03-31")]
    public async Task A_column_decides_its_dates_for_each_separator(string dates, string expected)
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        Assert.Equal(expected.Split(' '), await DatesAsync(store, dates, None));
    }

    [Theory]
    [InlineData("dd/MM/yyyy", "2026-04-03 2026-06-05")]
    [InlineData("MM/dd/yyyy", "2026-03-04 2026-05-06")]
    public async Task What_the_column_does_not_decide_fails_the_job_and_dateFormat_decides(string format, string expected)
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync("campaignId,When\na,03/04/2026\nb,05/06/2026\n", new ImportOptions { Map = Map("date", "When") });
        Assert.Equal((ImportStatus.Failed, 0), (job.Status, job.RowsLoaded));
        using var error = JsonDocument.Parse(job.Error!);
        var first = error.RootElement.GetProperty("errors")[0];
        Assert.Equal(("When", "undecided"), (first.GetProperty("field").GetString(), first.GetProperty("rule").GetString()));
        Assert.Contains("dateFormat=dd/MM/yyyy or MM/dd/yyyy", error.RootElement.GetProperty("detail").GetString());
        Assert.Equal(expected.Split(' '), await DatesAsync(store, "03/04/2026\n05/06/2026", new ImportOptions { DateFormat = format }));
    }

    [Fact]
    public async Task A_column_of_JSON_that_shows_up_behind_the_survey_is_surveyed_as_well()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync("""
            {"campaignId":"a","spend":"1,234"}
            {"campaignId":"b","spend":"1,234.5","date":"3/4/2026"}
            {"campaignId":"c","date":"31/3/2026"}
            """);
        Assert.Equal((ImportStatus.Succeeded, (3, 3, 0, 0, 0)), (job.Status, ImportStore.Counts(job)));
        var rows = await store.CampaignsAsync();
        Assert.Equal([1234m, 1234.5m, null], rows.Select(r => r.Spend));
        Assert.Equal(["", "2026-04-03", "2026-03-31"], rows.Select(r => $"{r.Date:yyyy-MM-dd}"));
    }

    [Theory]
    [InlineData("campaignId;spend\na;1.234,56\nb;1.234\nc;7,5\n", "1234.56 1234 7.5")]
    [InlineData("campaignId,spend\na,\"1,234\"\nb,\"1,234.50\"\nc,\"$7\"\n", "1234 1234.5 7")]
    [InlineData("campaignId,spend\na,\"1,234\"\nb,\"0,5\"\nc,\"12,25\"\n", "1.234 0.5 12.25")]
    [InlineData("campaignId\tspend\na\t(7.50)\nb\t€ 1.5\nc\tUSD 2\n", null)]
    public async Task Numbers_are_read_by_what_their_column_shows(string file, string? expected)
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync(file);
        var spend = (await store.CampaignsAsync()).Select(r => $"{r.Spend:0.####}");
        if (expected is null)
        {
            // Accounting parentheses are a negative amount, which spend must not be.
            Assert.Equal((3, 2, 0, 0, 1), ImportStore.Counts(job));
            Assert.Equal(["1.5", "2"], spend);
            return;
        }

        Assert.Equal((3, 3, 0, 0, 0), ImportStore.Counts(job));
        Assert.Equal(expected.Split(' '), spend);
    }

    [Theory]
    [InlineData("utf-8-bom")]
    [InlineData("utf-16le")]
    [InlineData("utf-16be")]
    [InlineData("windows-1252")]
    [InlineData("gzip")]
    public async Task The_same_rows_come_from_every_encoding(string encoding)
    {
        const string text = "campaignId,campaignName,spend\r\n1,Größe – naïve,\"1,5\"\r\n2,Crème,\"0,25\"\r\n";
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync(Encoded(text, encoding));
        Assert.Equal((2, 2, 0, 0, 0), ImportStore.Counts(job));
        var rows = await store.CampaignsAsync();
        Assert.Equal(["Größe – naïve", "Crème"], rows.Select(r => r.CampaignName));
        Assert.Equal([1.5m, 0.25m], rows.Select(r => r.Spend));
    }

    [Fact]
    public async Task Rows_before_the_break_of_a_JSON_array_load_and_the_job_names_the_line()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite, settings: ("BatchRows", "2"));
        var job = await store.LoadAsync("[\n{\"campaignId\":\"a\"},\n{\"campaignId\":\"b\"},\n{\"campaignId\":\"c\"},\n{\"campaignId\" \"d\"},\n{\"campaignId\":\"e\"}]");
        Assert.Equal((ImportStatus.Failed, (3, 3, 0, 0, 0)), (job.Status, ImportStore.Counts(job)));
        Assert.Contains("line 5", job.Error);
        Assert.Equal(["a", "b", "c"], (await store.CampaignsAsync()).Select(c => c.CampaignId));
    }

    [Theory]
    [EachDatabase]
    public async Task The_key_can_be_made_of_columns_that_no_field_takes(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        const string file = "Ad Set,REGION,spend,campaignId\ns1,north,1,x\ns1,south,2,x\ns1,north,3,y\n,,4,z\n";
        var job = await store.LoadAsync(file, new ImportOptions { Key = ["ad_set", "region"] });
        Assert.Equal((4, 2, 1, 0, 1), ImportStore.Counts(job));
        Assert.Contains("all columns of the key are empty", await store.RejectsAsync(job));
        var rows = await store.CampaignsAsync();
        Assert.Equal(["s1|north y 3", "s1|south x 2"], rows.Select(r => $"{r.NaturalKey} {r.CampaignId} {r.Spend:0}"));
        Assert.Equal(["north", "south"], rows.Select(r => JsonDocument.Parse(r.AdditionalData!).RootElement.GetProperty("REGION").GetString()));
        var problem = await Assert.ThrowsAsync<ProblemException>(() => store.EnqueueAsync(file, new ImportOptions { Key = ["ad_set", "city"], Force = true }));
        Assert.Equal((422, "key"), (problem.Kind.Status, problem.Errors[0].Field));
        Assert.Empty(store.Staged);
    }

    [Fact]
    public async Task A_derived_id_follows_the_dimensions_and_not_the_order_of_columns_or_the_measures()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var derive = new ImportOptions { Key = ["derive"] };
        Assert.Equal((3, 3, 0, 0, 0), ImportStore.Counts(await store.LoadAsync("region,platform,date,spend\nn,meta,2026-01-01,1\nn,meta,2026-01-02,1\ns,meta,2026-01-01,1\n", derive)));
        Assert.Equal((3, 0, 3, 0, 0), ImportStore.Counts(await store.LoadAsync("spend,date,PLATFORM,Region\n2,2026-01-01,meta,n\n2,2026-01-02,meta,n\n2,2026-01-01,meta,s\n", derive)));
        var rows = await store.CampaignsAsync();
        Assert.Equal((3, 2), (rows.Length, rows.Select(r => r.CampaignId).Distinct().Count()));
        Assert.All(rows, r => Assert.Equal(2m, r.Spend));
    }

    [Fact]
    public async Task A_header_without_a_required_column_is_refused_before_there_is_a_job_and_nothing_stays()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => store.EnqueueAsync("name,spend\nx,1\n"));
        Assert.Equal((422, "campaignId", "required-column"), (problem.Kind.Status, problem.Errors[0].Field, problem.Errors[0].Rule));
        Assert.Empty(store.Staged);
        Assert.Null(await store.ClaimAsync());
    }

    [Fact]
    public async Task The_same_file_answers_the_first_job_unless_that_failed_or_force_is_given()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        const string file = "campaignId,spend\na,no\n";
        var failed = await store.LoadAsync(file, new ImportOptions { MaxRejects = 0 });
        Assert.Equal(ImportStatus.Failed, failed.Status);
        var first = await store.LoadAsync(file);
        Assert.NotEqual(failed.Id, first.Id);
        var (same, isNew) = await store.EnqueueAsync(file);
        Assert.Equal((first.Id, false), (same.Id, isNew));
        Assert.Empty(store.Staged);
        Assert.True((await store.EnqueueAsync(file, new ImportOptions { Force = true })).IsNew);
    }

    private static Dictionary<string, string> Map(string field, string column) => new() { [field] = column };

    private static async Task<string[]> DatesAsync(ImportStore store, string dates, ImportOptions options)
    {
        var lines = dates.Split('\n');
        var job = await store.LoadAsync("campaignId,date\n" + string.Concat(lines.Select((d, i) => $"{i},{d}\n")), options);
        Assert.Equal((ImportStatus.Succeeded, (lines.Length, lines.Length, 0, 0, 0)), (job.Status, ImportStore.Counts(job)));
        return [.. (await store.CampaignsAsync()).Select(r => $"{r.Date:yyyy-MM-dd}")];
    }

    private static byte[] Encoded(string text, string encoding)
    {
        switch (encoding)
        {
            case "utf-8-bom":
                return [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)];
            case "utf-16le":
                return [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)];
            case "utf-16be":
                return [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)];
            case "windows-1252":
                // Of the letters in use only the dash is not where Latin-1 has it.
                return Encoding.Latin1.GetBytes(text.Replace('–', '\u0096'));
            default:
                using (var packed = new MemoryStream())
                {
                    using (var gzip = new GZipStream(packed, CompressionMode.Compress))
                    {
                        gzip.Write(Encoding.UTF8.GetBytes(text));
                    }

                    return packed.ToArray();
                }
        }
    }
}
