using CloudStore.Storage.Campaigns;

namespace CloudStore.Storage.Tests.Campaigns;

public sealed class CampaignRulesTests
{
    private static Campaign Good => new CampaignDraft
    {
        CampaignId = "c1",
        CampaignName = "Frühling 🎯",
        Platform = "Meta",
        Spend = 1.5m,
        Impressions = 100,
        Clicks = 100,
        Conversions = 0.25m,
        Revenue = 0,
        Ctr = 1,
        Date = new DateTime(2024, 1, 31, 0, 0, 0, DateTimeKind.Utc),
        AdditionalData = """{"a":[1,2,{"b":"ü\n"}],"c":1e308}""",
    }.ToCampaign();

    [Fact]
    public void A_good_campaign_breaks_no_rule_and_allocates_nothing()
    {
        var campaign = Good;
        Action<string, string, string> report = (field, rule, _) => Assert.Fail($"{field} {rule}");
        CampaignRules.Check(campaign, report);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            CampaignRules.Check(campaign, report);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1_000, $"1,000 checks of a good row allocate {allocated} bytes");
    }

    public static TheoryData<string, string, Action<Campaign>> Faults => new()
    {
        { "campaignId", "required", c => c.CampaignId = "" },
        { "campaignId", "max-length", c => c.CampaignId = new string('x', 257) },
        { "campaignId", "no-control-characters", c => c.CampaignId = "a\tb" },
        { "campaignName", "no-control-characters", c => c.CampaignName = "a\0" },
        { "campaignName", "unicode", c => c.CampaignName = "a\ud800b" },
        { "campaignName", "unicode", c => c.CampaignName = "\udc00" },
        { "platform", "max-length", c => c.Platform = new string('x', 129) },
        { "channel", "no-control-characters", c => c.Channel = "\u0085" },
        { "funnelStage", "max-length", c => c.FunnelStage = new string('x', 65) },
        { "spend", "not-negative", c => c.Spend = -0.01m },
        { "spend", "range", c => c.Spend = 1_000_000_000_000_001m },
        { "impressions", "not-negative", c => (c.Impressions, c.Clicks) = (-1, null) },
        { "impressions", "range", c => c.Impressions = 1_000_000_000_001 },
        { "clicks", "at-most-impressions", c => c.Clicks = 101 },
        { "conversions", "not-negative", c => c.Conversions = -1 },
        { "revenue", "not-negative", c => c.Revenue = -1 },
        { "ctr", "not-negative", c => c.GivenCtr = -0.1m },
        { "cpc", "not-negative", c => c.GivenCpc = -0.1m },
        { "cpa", "not-negative", c => c.GivenCpa = -0.1m },
        { "roas", "not-negative", c => c.GivenRoas = -0.1m },
        { "date", "range", c => c.Date = new DateTime(1989, 12, 31, 0, 0, 0, DateTimeKind.Utc) },
        { "date", "range", c => c.Date = new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc) },
        { "additionalData", "type", c => c.AdditionalData = "[1]" },
        { "additionalData", "type", c => c.AdditionalData = "\"text\"" },
        { "additionalData", "json", c => c.AdditionalData = "{\"a\":" },
        { "additionalData", "max-length", c => c.AdditionalData = "{\"a\":\"" + new string('x', 65_536) + "\"}" },
        { "additionalData", "max-depth", c => c.AdditionalData = Nested(33) },
        { "additionalData", "unicode", c => c.AdditionalData = """{"a":"\u0000"}""" },
        { "additionalData", "unicode", c => c.AdditionalData = """{"\ud800":1}""" },
        { "additionalData", "range", c => c.AdditionalData = """{"a":1e400}""" },
        { "additionalData", "range", c => c.AdditionalData = """{"a":1e-99999999999}""" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_fault_is_reported_by_field_and_rule_and_nothing_else_is(string field, string rule, Action<Campaign> damage)
    {
        var campaign = Good;
        damage(campaign);
        var found = new List<(string, string)>();
        CampaignRules.Check(campaign, (f, r, message) =>
        {
            Assert.Contains(f, message, StringComparison.Ordinal);
            found.Add((f, r));
        });
        Assert.Equal([(field, rule)], found);
    }

    [Fact]
    public void The_deepest_document_allowed_is_taken()
    {
        var campaign = Good;
        campaign.AdditionalData = Nested(32);
        CampaignRules.Check(campaign, (field, rule, _) => Assert.Fail($"{field} {rule}"));
    }

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);
}
