using CloudStore.Storage.Campaigns;

namespace CloudStore.Storage.Tests.Campaigns;

public sealed class CampaignKeyTests
{
    private static readonly DateTime Day = new(2024, 1, 31, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void The_default_key_has_the_parts_that_are_given()
    {
        Assert.Equal("c1", CampaignKey.Default(new Campaign { CampaignId = "c1" }));
        Assert.Equal("c1|2024-01-31", CampaignKey.Default(new Campaign { CampaignId = "c1", Date = Day }));
        Assert.Equal("c1|2024-01-31T10:00:00Z|Meta|Social", CampaignKey.Default(new Campaign { CampaignId = "c1", Date = Day.AddHours(10), Platform = "Meta", Channel = "Social" }));
        Assert.Equal("c1|2024-01-31T00:00:00.5Z|Social", CampaignKey.Default(new Campaign { CampaignId = "c1", Date = Day.AddMilliseconds(500), Channel = "Social" }));
    }

    [Fact]
    public void Filled_in_defaults_are_no_part_of_the_key()
    {
        var campaign = new CampaignDraft { CampaignId = "c1" }.ToCampaign();
        Assert.Equal(("c1", "c1", "unknown", "unknown"), (campaign.NaturalKey, campaign.CampaignName, campaign.Platform, campaign.Channel));
        var onChannel = new CampaignDraft { CampaignId = "c1", Channel = "Email" }.ToCampaign();
        Assert.Equal(("c1|Email", "Email", "Email"), (onChannel.NaturalKey, onChannel.Platform, onChannel.Channel));
    }

    [Fact]
    public void Separators_inside_parts_are_escaped_so_that_different_parts_give_different_keys()
    {
        Assert.Equal("""a\|b|c""", CampaignKey.Of(["a|b", "c"]));
        Assert.Equal("""a|b\|c""", CampaignKey.Of(["a", "b|c"]));
        Assert.Equal("""a\\|b""", CampaignKey.Of(["""a\""", "b"]));
        Assert.Equal("""a\\\|b""", CampaignKey.Of(["""a\|b"""]));
        Assert.Equal("a||b", CampaignKey.Of(["a", null, "b"]));
    }

    [Fact]
    public void Random_parts_never_share_a_key()
    {
        var random = new Random(4);
        var seen = new Dictionary<string, string>();
        for (int i = 0; i < 20_000; i++)
        {
            var parts = Enumerable.Range(0, 3).Select(_ => new string([.. Enumerable.Range(0, random.Next(3)).Select(_ => "|\\a"[random.Next(3)])])).ToArray();
            var plain = string.Join('\0', parts);
            var key = CampaignKey.Of(parts);
            Assert.True(!seen.TryGetValue(key, out var other) || other == plain, $"{key} is the key of two");
            seen[key] = plain;
        }
    }

    [Fact]
    public void A_long_key_keeps_its_beginning_and_a_hash_of_all_of_it()
    {
        var exact = CampaignKey.Of([new string('x', 400)]);
        Assert.Equal(400, exact.Length);
        var one = CampaignKey.Of([new string('x', 4_000) + "1"]);
        var two = CampaignKey.Of([new string('x', 4_000) + "2"]);
        Assert.NotEqual(one, two);
        Assert.Equal(300 + 1 + 64, one.Length);
        Assert.StartsWith(new string('x', 300), one, StringComparison.Ordinal);
        var pairs = CampaignKey.Of(["x" + string.Concat(Enumerable.Repeat("🎯", 300))]);
        Assert.False(char.IsSurrogate(pairs[299 - 1]) && char.IsHighSurrogate(pairs[299 - 1]), "cut through a surrogate pair");
        Assert.Equal(pairs, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(pairs)));
    }

    [Theory]
    [InlineData(null, null, "Meta", null, "c1|Meta")]
    [InlineData(null, null, null, "Email", "c1|Email")]
    [InlineData("Meta", "Social", "Google", null, "c1|Google|Social")]
    [InlineData("Meta", null, "Google", null, "c1|Google")]
    [InlineData(null, "Social", null, "Search", "c1|Search")]
    public void A_default_key_follows_a_change(string? platform, string? channel, string? newPlatform, string? newChannel, string expected)
    {
        var old = new CampaignDraft { CampaignId = "c1", Platform = platform, Channel = channel }.ToCampaign();
        var changed = old.Copy();
        var draft = CampaignDraft.Of(old);
        (draft with { Platform = newPlatform ?? draft.Platform, Channel = newChannel ?? draft.Channel }).ApplyTo(changed);
        // A platform that was only filled in from the channel stays what it was: the caller sees it and did not change it.
        Assert.Equal(expected, changed.NaturalKey);
    }

    [Fact]
    public void A_key_of_other_columns_stays()
    {
        var old = new CampaignDraft { CampaignId = "c1", Platform = "Meta" }.ToCampaign();
        old.NaturalKey = "row 17";
        (CampaignDraft.Of(old) with { CampaignId = "c2" }).ApplyTo(old);
        Assert.Equal(("c2", "row 17"), (old.CampaignId, old.NaturalKey));
    }

    [Fact]
    public void A_key_of_usual_length_allocates_only_itself()
    {
        var campaign = new Campaign { CampaignId = "campaign-1", Date = Day, Platform = "Meta", Channel = "Social" };
        var key = CampaignKey.Default(campaign);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            CampaignKey.Default(campaign);
        }

        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000;
        Assert.True(each <= 24 + key.Length * 2, $"{each} bytes for a key of {key.Length} characters");
    }
}
