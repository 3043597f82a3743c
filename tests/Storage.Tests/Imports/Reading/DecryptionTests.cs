using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;
using CloudStore.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Tests.Imports.Reading;

/// <summary>Files with Fernet-encrypted columns, as they come from Python systems.</summary>
public sealed class DecryptionTests
{
    private static readonly FernetKey Key = FernetKey.Generate();
    private static readonly ImportOptions Decrypting = ImportQuery.Parse("campaigns", new QueryCollection(QueryHelpers.ParseQuery("decrypt=fernet:Spend,date")));

    [Theory]
    [EachDatabase]
    public async Task Encrypted_columns_are_read_as_if_they_were_not_encrypted(Database database)
    {
        await using var store = await OpenAsync(database);
        var file = Rows(("a", "\"1,234\"", "3/4/2026"), ("b", "\"1,234.50\"", "31/3/2026"), ("c", "", ""));
        var job = await store.LoadAsync(file, Decrypting);
        Assert.Equal((ImportStatus.Succeeded, (3, 3, 0, 0, 0)), (job.Status, ImportStore.Counts(job)));
        var rows = await store.CampaignsAsync();
        Assert.Equal([1234m, 1234.5m, null], rows.Select(r => r.Spend));
        Assert.Equal(["2026-04-03", "2026-03-31", ""], rows.Select(r => $"{r.Date:yyyy-MM-dd}"));
    }

    [Fact]
    public async Task A_bad_token_rejects_its_row_with_line_column_and_reason()
    {
        var cipher = new MultiFernet([Key], TimeProvider.System);
        var good = cipher.Encrypt("7");
        var other = new MultiFernet([FernetKey.Generate()], TimeProvider.System).Encrypt("7");
        var old = new MultiFernet([Key], new ManualTime(DateTimeOffset.UnixEpoch.AddDays(365))).Encrypt("7");
        var late = new MultiFernet([Key], new ManualTime(new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero))).Encrypt("7");
        await using var store = await OpenAsync(Database.Sqlite, maxAgeDays: 365);
        var job = await store.LoadAsync($"campaignId,spend\na,{good}\nb,{good[..^8]}\nc,{other}\nd,{old}\ne,{late}\nf,12.50\n",
            new ImportOptions { Decrypt = ["spend"] });
        Assert.Equal((6, 1, 0, 0, 5), ImportStore.Counts(job));
        var lines = (await store.RejectsAsync(job)).TrimEnd().Split('\n')[1..];
        string[] reasons = ["not made of whole blocks", "not signed by any of the keys", "older than its time to live", "dated in the future", "is not base64url"];
        foreach (var (i, line) in lines.Index())
        {
            Assert.StartsWith($"{i + 3},spend,", line);
            Assert.Contains(reasons[i], line);
        }
    }

    [Fact]
    public async Task What_breaks_a_rule_is_rejected_without_its_content_being_shown()
    {
        await using var store = await OpenAsync(Database.Sqlite);
        var job = await store.LoadAsync(Rows(("a", "-98765", ""), ("b", "x98765", "")), Decrypting);
        Assert.Equal((2, 0, 0, 0, 2), ImportStore.Counts(job));
        var rejects = await store.RejectsAsync(job);
        Assert.DoesNotContain("98765", rejects);
        Assert.Contains("breaks the rule not-negative", rejects);
        Assert.Contains("is not a number", rejects);
    }

    [Fact]
    public async Task A_column_that_is_not_there_a_missing_scheme_and_a_missing_key_are_named()
    {
        await using var store = await OpenAsync(Database.Sqlite);
        var column = await Assert.ThrowsAsync<ProblemException>(() => store.EnqueueAsync("campaignId\na\n", new ImportOptions { Decrypt = ["mrp"] }));
        Assert.Equal(("decrypt", "known-column"), (column.Errors[0].Field, column.Errors[0].Rule));
        var scheme = Assert.Throws<ProblemException>(() => ImportQuery.Parse("campaigns", new QueryCollection(QueryHelpers.ParseQuery("decrypt=mrp"))));
        Assert.Equal(("decrypt", "scheme"), (scheme.Errors[0].Field, scheme.Errors[0].Rule));

        await using var keyless = await ImportStore.OpenAsync(Database.Sqlite);
        var key = await Assert.ThrowsAsync<ProblemException>(() => keyless.EnqueueAsync("campaignId,spend\na,b\n", new ImportOptions { Decrypt = ["spend"] }));
        Assert.Contains("Protection:FernetKeys", key.Message);
    }

    [Theory]
    [InlineData("abc", "Protection:FernetKeys:1: A Fernet key is 32 bytes")]
    [InlineData("pbkdf2:x:c2FsdHNhbHQ=:secret-words", "Protection:FernetKeys:1: A passphrase is written pbkdf2:ITERATIONS:SALT:PASSPHRASE")]
    [InlineData("pbkdf2:5:c2FsdHNhbHQ=:secret-words", "Protection:FernetKeys:1: The iterations are from 1000")]
    public void A_wrong_key_stops_the_start_with_the_setting_s_name_and_not_the_key(string text, string message)
    {
        using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
            new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build()).AddFernet().Configure<FernetOptions>(o =>
            {
                o.FernetKeys.Add(Key.Export());
                o.FernetKeys.Add(text);
            }).BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<FernetOptions>>().Value);
        Assert.StartsWith(message, refused.Message);
        Assert.DoesNotContain("secret-words", refused.Message);
    }

    private static Task<ImportStore> OpenAsync(Database database, double? maxAgeDays = null) =>
        ImportStore.OpenAsync(database, configure: services => services.Configure<FernetOptions>(o =>
        {
            o.FernetKeys.Add(FernetKey.Generate().Export());
            o.FernetKeys.Add(Key.Export());
            o.FernetMaxAgeDays = maxAgeDays;
        }));

    private static string Rows(params (string Id, string Spend, string Date)[] rows)
    {
        var columns = new FernetColumns(new MultiFernet([Key], TimeProvider.System), ["campaignId", "Spend", "Date"], ["Spend", "Date"]);
        return "campaignId,Spend,Date\n" + string.Concat(rows.Select(r => string.Join(',', columns.Encrypt([r.Id, r.Spend.Trim('"'), r.Date])) + "\n"));
    }
}
