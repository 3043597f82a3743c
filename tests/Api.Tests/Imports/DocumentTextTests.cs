using System.Text.Json;

namespace CloudStore.Api.Tests.Imports;

/// <summary>JSON documents read the same whichever database keeps them and however their letters were sent.</summary>
public sealed class DocumentTextTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Provider> Both() => new(Provider.Sqlite, Provider.Postgres);

    [Theory, MemberData(nameof(Both))]
    public async Task Letters_sent_as_escapes_are_kept_as_letters(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var lines = """
            {"campaignId":"a","additionalData":{"t":"caf\u00e9 \ud83e\uded6 \u20b9","q":"\u0022"}}
            {"campaignId":"b","t":"caf\u00e9 \ud83e\uded6 \u20b9","n":{"\u0041":["\u00e9"]}}
            """;
        Assert.Equal((2, 2, 0, 0, 0), ImportHost.Counts(await host.LoadAsync(lines)));
        await host.LoadAsync("campaignId,t,\u00fcber\nc,caf\u00e9 \u20b9,x\n");
        await Expect.JsonAsync(await host.Client.PostAsync("/v1/campaigns", """{"campaignId":"d","additionalData":{"t":"caf\u00e9"}}"""), 201);
        await Expect.JsonAsync(await host.Client.PostAsync("/v1/queries", """{"question":"q","sources":["caf\u00e9"]}"""), 201);

        var all = await host.Client.GetStringAsync("/v1/campaigns?limit=10", Token) + await host.Client.GetStringAsync("/v1/queries", Token);
        Assert.DoesNotContain("\\u", all, StringComparison.Ordinal);
        Assert.Equal(6, all.Split("café").Length);
        Assert.Equal(2, all.Split("🫖").Length - 1);
        var documents = (await host.CampaignsAsync()).ToDictionary(c => c.GetProperty("campaignId").GetString()!, c => c.GetProperty("additionalData"));
        Assert.Equal("\"", documents["a"].GetProperty("q").GetString());
        Assert.Equal("é", documents["b"].GetProperty("n").GetProperty("A")[0].GetString());
        Assert.Equal("x", documents["c"].GetProperty("über").GetString());
    }

    [Theory]
    [InlineData("""{"campaignId":"a","x":"\ud83e"}""")]
    [InlineData("""{"campaignId":"a","x":"\u0000"}""")]
    public async Task What_no_database_can_keep_is_rejected_as_before(string line)
    {
        await using var host = await ImportHost.StartAsync(Provider.Sqlite);
        Assert.Equal((1, 0, 0, 0, 1), ImportHost.Counts(await host.LoadAsync(line + "\n")));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_file_of_a_header_alone_succeeds_and_the_job_says_that_nothing_was_in_it(Provider provider)
    {
        await using var host = await ImportHost.StartAsync(provider);
        var job = await host.LoadAsync("campaignId,spend\n");
        Assert.Equal(("succeeded", "The file has no rows; nothing was loaded."), (job.GetProperty("status").GetString(), job.GetProperty("warning").GetString()));
        job = await host.LoadAsync("campaignId,spend\na,1\n");
        Assert.Equal(JsonValueKind.Null, job.GetProperty("warning").ValueKind);
    }
}
