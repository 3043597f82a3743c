using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CloudStore.Storage.Access;
using CloudStore.TestKit;

namespace CloudStore.Api.Tests.Cache;

public sealed class CacheEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task An_entry_is_set_read_seen_and_removed(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var client = servers.Client;
        await Missing(await client.GetAsync("/v1/cache/a", Token));
        await Done(await PutAsync(client, "a?ttl=99", "grün", "text/plain; charset=utf-8"));
        using var read = await client.GetAsync("/v1/cache/a", Token);
        Assert.Equal(("grün", "text/plain; charset=utf-8"), (await read.Content.ReadAsStringAsync(Token), read.Content.Headers.ContentType!.ToString()));
        Assert.Matches("^cloudstore; hit; ttl=[1-9][0-9]; detail=[a-z]+$", read.Headers.GetValues("Cache-Status").Single());
        Assert.Equal("no-store", read.Headers.CacheControl!.ToString());
        var tag = read.Headers.ETag!;
        using var seen = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/cache/a"), Token);
        Assert.Equal((HttpStatusCode.OK, 5L, tag), (seen.StatusCode, seen.Content.Headers.ContentLength, seen.Headers.ETag));

        Assert.Equal(HttpStatusCode.NotModified, (await SendAsync(client, HttpMethod.Get, "a", r => r.Headers.IfNoneMatch.Add(tag))).StatusCode);
        await Done(await PutAsync(client, "a", "blau", "text/plain"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(client, HttpMethod.Get, "a", r => r.Headers.IfNoneMatch.Add(tag))).StatusCode);
        await Done(await client.DeleteAsync("/v1/cache/a", Token));
        await Missing(await client.GetAsync("/v1/cache/a", Token));
        await Missing(await client.DeleteAsync("/v1/cache/a", Token));
    }

    [Fact]
    public async Task Keys_are_any_text_and_no_two_of_them_are_one()
    {
        await using var servers = await CacheServers.StartAsync(Layers.Sqlite);
        string[] keys = ["a/b", "a%2Fb", "a%252Fb", "a//b", "A/b", "a+b", "a%20b", "%C3%A4/%E6%97%A5%E6%9C%AC/%F0%9F%98%80", "a%CC%88", "a%3Fx=1", "%25", "statsx", "tag/x"];
        foreach (var key in keys)
        {
            await Done(await PutAsync(servers.Client, key, key));
        }

        // The first two are the same text.
        foreach (var key in keys)
        {
            Assert.Equal(key == "a/b" ? "a%2Fb" : key, await servers.Client.GetStringAsync(new Uri($"{servers.First.Address}v1/cache/{key}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }), Token));
        }
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task Modes_and_conditions_say_whether_an_entry_is_set(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var client = servers.Client;
        await Expect.ProblemAsync(await PutAsync(client, "k?mode=xx", "0"), "conflict", 409);
        await Done(await PutAsync(client, "k?mode=nx", "1"));
        await Expect.ProblemAsync(await PutAsync(client, "k?mode=nx", "2"), "conflict", 409);
        await Done(await PutAsync(client, "k?mode=xx", "3"));
        Assert.Equal("3", await client.GetStringAsync("/v1/cache/k", Token));
        await Expect.ProblemAsync(await SendAsync(client, HttpMethod.Put, "k", r => r.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any)), "stale", 412);
        await Expect.ProblemAsync(await SendAsync(client, HttpMethod.Put, "other", r => r.Headers.IfMatch.Add(EntityTagHeaderValue.Any)), "stale", 412);
        var tag = (await client.GetAsync("/v1/cache/k", Token)).Headers.ETag!;
        await Done(await SendAsync(client, HttpMethod.Put, "k", r => r.Headers.IfMatch.Add(tag)));
        await Expect.ProblemAsync(await SendAsync(client, HttpMethod.Put, "k", r => r.Headers.IfMatch.Add(tag)), "stale", 412);
        await Expect.ProblemAsync(await SendAsync(client, HttpMethod.Delete, "k", r => r.Headers.IfMatch.Add(tag)), "stale", 412);
        await Done(await SendAsync(client, HttpMethod.Delete, "k", r => r.Headers.IfMatch.Add(EntityTagHeaderValue.Any)));
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task Of_many_requests_with_the_same_If_Match_one_is_carried_out(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var client = servers.Client;
        await Done(await PutAsync(client, "k", "0"));
        for (int round = 0; round < 5; round++)
        {
            var tag = (await client.GetAsync("/v1/cache/k", Token)).Headers.ETag!;
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => SendAsync(client, HttpMethod.Put, "k", r => r.Headers.IfMatch.Add(tag))));
            Assert.Equal((1, 11), (answers.Count(a => a.StatusCode == HttpStatusCode.NoContent), answers.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed)));
        }
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task Tags_prefixes_and_all_make_entries_invalid(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var client = servers.Client;
        await Done(await PutAsync(client, "p/1?tags=red,blue%20ish", "1"));
        await Done(await PutAsync(client, "p/2?tags=red", "2"));
        await Done(await PutAsync(client, "q/3", "3"));
        Assert.Equal("p/1 p/2 q/3", await ThereAsync(client));
        await Done(await client.DeleteAsync("/v1/cache/tags/blue%20ish", Token));
        Assert.Equal("p/2 q/3", await ThereAsync(client));
        await Done(await client.DeleteAsync("/v1/cache?prefix=p%2F", Token));
        Assert.Equal("q/3", await ThereAsync(client));
        await Done(await PutAsync(client, "p/1", "1"));
        await Done(await client.DeleteAsync("/v1/cache?all=true", Token));
        Assert.Equal("", await ThereAsync(client));
    }

    [Fact]
    public async Task Bytes_that_begin_like_a_kept_content_type_come_back_as_they_were()
    {
        await using var servers = await CacheServers.StartAsync(Layers.Sqlite);
        byte[] value = [.. "CSV1,"u8, .. new byte[60]];
        using var content = new ByteArrayContent(value);
        content.Headers.ContentType = new("application/octet-stream");
        await Done(await servers.Client.PutAsync("/v1/cache/k", content, Token));
        using var read = await servers.Client.GetAsync("/v1/cache/k", Token);
        Assert.Equal("application/octet-stream", read.Content.Headers.ContentType!.ToString());
        Assert.Equal(value, await read.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task A_thousand_keys_are_read_at_once_from_the_database()
    {
        await using var servers = await CacheServers.StartAsync(Layers.Sqlite);
        await Done(await PutAsync(servers.Client, "k999", "last"));
        var gets = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $$"""{"op":"get","key":"k{{i}}"}"""));
        // By another server than the one that has it in memory.
        var other = await servers.AddAsync(Provider.Sqlite);
        var answer = await Expect.JsonAsync(await other.Client.PostAsync("/v1/cache:batch", new StringContent($$"""{"operations":[{{gets}}]}""", Encoding.UTF8, "application/json"), Token), 200);
        Assert.Equal(1, answer.GetProperty("results").EnumerateArray().Count(r => r.GetProperty("done").GetBoolean()));
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task Counters_are_added_to(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var client = servers.Client;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => await Expect.JsonAsync(await client.PostAsync("/v1/cache/hits?by=2&ttl=600", null, Token), 200)));
        Assert.Equal(99, (await Expect.JsonAsync(await client.PostAsync("/v1/cache/hits?by=-1", null, Token), 200)).GetProperty("value").GetInt64());
        using var read = await client.GetAsync("/v1/cache/hits", Token);
        Assert.Equal(("99", "application/json"), (await read.Content.ReadAsStringAsync(Token), read.Content.Headers.ContentType!.ToString()));
        await Done(await PutAsync(client, "set", "41", "application/json"));
        Assert.Equal(42, (await Expect.JsonAsync(await client.PostAsync("/v1/cache/set", null, Token), 200)).GetProperty("value").GetInt64());
        await Done(await PutAsync(client, "text", "abc", "text/plain"));
        await Expect.ProblemAsync(await client.PostAsync("/v1/cache/text", null, Token), "conflict", 409);
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task An_entry_ends_with_its_time_to_live_which_can_be_changed(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var client = servers.Client;
        await Done(await PutAsync(client, "short?ttl=0.2", "1"));
        await Done(await PutAsync(client, "longer?ttl=60", "2"));
        await Done(await SendAsync(client, HttpMethod.Patch, "longer?ttl=600"));
        await Done(await PutAsync(client, "shorter?ttl=600", "3"));
        await Done(await SendAsync(client, HttpMethod.Patch, "shorter?ttl=0.2"));
        await Missing(await SendAsync(client, HttpMethod.Patch, "none?ttl=600"));
        await Eventually.Async(async () => (await client.GetAsync("/v1/cache/short", Token)).StatusCode == HttpStatusCode.NotFound, TimeSpan.FromMinutes(1), "the entry to end");
        await Eventually.Async(async () => (await client.GetAsync("/v1/cache/shorter", Token)).StatusCode == HttpStatusCode.NotFound, TimeSpan.FromMinutes(1), "the other to end");
        using var longer = await client.GetAsync("/v1/cache/longer", Token);
        Assert.Equal("2", await longer.Content.ReadAsStringAsync(Token));
        Assert.Matches("; ttl=[1-9][0-9][0-9];", longer.Headers.GetValues("Cache-Status").Single());
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task A_batch_carries_out_its_operations_in_order(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        var answer = await Expect.JsonAsync(await servers.Client.PostAsync("/v1/cache:batch", """
            {"operations":[
              {"op":"set","key":"j","value":{"a":[1,2]},"ttl":60,"tags":["t"]},
              {"op":"set","key":"b","base64":"AQID","contentType":"image/png","ttl":60,"tags":["t"]},
              {"op":"set","key":"n","value":41},
              {"op":"set","key":"j","value":0,"mode":"nx"},
              {"op":"increment","key":"n"},
              {"op":"increment","key":"b"},
              {"op":"get","key":"j"},{"op":"get","key":"b"},{"op":"get","key":"n"},{"op":"get","key":"none"},
              {"op":"delete","key":"j"},{"op":"delete","key":"j"},{"op":"get","key":"j"}
            ]}
            """), 200);
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal([true, true, true, false, true, false, true, true, true, false, true, false, false], results.Select(r => r.GetProperty("done").GetBoolean()));
        Assert.Equal(42, results[4].GetProperty("value").GetInt64());
        Assert.NotEmpty(results[5].GetProperty("problem").GetString()!);
        Assert.Equal("[1,2]", results[6].GetProperty("value").GetProperty("a").GetRawText());
        Assert.Equal(("AQID", "image/png"), (results[7].GetProperty("base64").GetString(), results[7].GetProperty("contentType").GetString()));
        Assert.Equal(42, results[8].GetProperty("value").GetInt64());
        using var image = await servers.Client.GetAsync("/v1/cache/b", Token);
        Assert.Equal("image/png", image.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("PUT", "k?ttl=0", "", "ttl", "above-zero")]
    [InlineData("PUT", "k?ttl=-1", "", "ttl", "above-zero")]
    [InlineData("PUT", "k?ttl=soon", "", "ttl", "seconds")]
    [InlineData("PUT", "k?ttl=1e99", "", "ttl", "seconds")]
    [InlineData("PUT", "k?ttl=31536000000", "", "ttl", "longest")]
    [InlineData("PUT", "k?sliding=0", "", "sliding", "above-zero")]
    [InlineData("PUT", "k?stale=99999999999", "", "stale", "longest")]
    [InlineData("PUT", "k?mode=maybe", "", "mode", "known-value")]
    [InlineData("PUT", "k?tll=5", "", "tll", "unknown")]
    [InlineData("PUT", "k?tags=a,,b", "", "tags[1]", "required")]
    [InlineData("PUT", "k?tags=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33", "", "tags", "most")]
    [InlineData("PUT", "", "", "key", "required")]
    [InlineData("PUT", "stats", "", "key", "reserved")]
    [InlineData("PUT", "tags/x", "", "key", "reserved")]
    [InlineData("PUT", "cloudstore%2Fanswers", "", "key", "reserved")]
    [InlineData("GET", "cloudstore/answers/v1/campaigns", "", "key", "reserved")]
    [InlineData("GET", "LONG", "", "key", "most-bytes")]
    [InlineData("POST", "k?by=1.5", "", "by", "whole-number")]
    [InlineData("POST", "k?by=9223372036854775808", "", "by", "whole-number")]
    [InlineData("PATCH", "k", "", "ttl", "required")]
    [InlineData("DELETE", "tags/", "", "tag", "required")]
    [InlineData("DELETE", "tags/LONG", "", "tag", "most-bytes")]
    [InlineData("DELETE", "tags/cloudstore/records/access_keys", "", "tag", "reserved")]
    [InlineData("DELETE", "?", "", "prefix", "required")]
    [InlineData("DELETE", "?prefix=", "", "prefix", "required")]
    [InlineData("DELETE", "?prefix=a&all=true", "", "all", "one-of")]
    [InlineData("POST", ":batch", """{"operations":[]}""", "operations", "count")]
    [InlineData("POST", ":batch", """{"operations":[{"op":"get","key":"a"},{"op":"set","key":"b"}]}""", "operations[1].value", "required")]
    [InlineData("POST", ":batch", """{"operations":[{"op":"set","key":"b","base64":"%%"}]}""", "operations[0].base64", "base64")]
    [InlineData("POST", ":batch", """{"operations":[{"op":"set","key":"b","value":1,"ttl":0}]}""", "operations[0].ttl", "above-zero")]
    [InlineData("POST", ":batch", """{"operations":[{"op":"set","key":"b","value":1,"mode":"x"}]}""", "operations[0].mode", "known-value")]
    [InlineData("POST", ":batch", """{"operations":[{"op":"get","key":"stats"}]}""", "operations[0].key", "reserved")]
    [InlineData("POST", ":batch", """{"operations":[{"op":"get","key":"a","by":2}]}""", "operations[0].by", "not-here")]
    public async Task What_breaks_a_rule_is_refused_with_field_and_rule(string method, string path, string body, string field, string rule)
    {
        await using var servers = await CacheServers.StartAsync(Layers.Sqlite);
        path = path.Replace("LONG", new string('k', 1_025), StringComparison.Ordinal);
        var uri = path.StartsWith('?') || path.StartsWith(':') ? $"/v1/cache{path.TrimEnd('?')}" : $"/v1/cache/{path}";
        using var request = new HttpRequestMessage(new HttpMethod(method), uri) { Content = body.Length > 0 ? new StringContent(body, Encoding.UTF8, "application/json") : method == "PUT" ? new StringContent("x") : null };
        await Expect.ProblemAsync(await servers.Client.SendAsync(request, Token), "invalid", 400, field, rule);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_value_over_the_limit_is_refused_however_it_comes_and_one_at_the_limit_is_kept(bool lengthIsKnown)
    {
        await using var servers = await CacheServers.StartAsync(Layers.Sqlite, ("Cache:LargestValueBytes", "100000"));
        Assert.Equal(HttpStatusCode.NoContent, (await servers.Client.PutAsync("/v1/cache/k", Content(99_000), Token)).StatusCode);
        Assert.Equal(99_000, (await servers.Client.GetByteArrayAsync("/v1/cache/k", Token)).Length);
        await Expect.ProblemAsync(await servers.Client.PutAsync("/v1/cache/k", Content(100_001), Token), "too-large", 413, "value", "most-bytes");

        HttpContent Content(int length) => lengthIsKnown ? new ByteArrayContent(new byte[length]) : new StreamContent(new Unseekable(new byte[length]));
    }

    [Fact]
    public async Task Readers_read_and_writers_write()
    {
        await using var servers = await CacheServers.StartAsync(Layers.Sqlite);
        using var reader = servers.First.ClientWith(await servers.First.MakeKeyAsync(Role.Reader));
        await Done(await PutAsync(servers.Client, "k", "1"));
        Assert.Equal("1", await reader.GetStringAsync("/v1/cache/k", Token));
        await Expect.JsonAsync(await reader.PostAsync("/v1/cache:batch", """{"operations":[{"op":"get","key":"k"}]}"""), 200);
        await Expect.ProblemAsync(await PutAsync(reader, "k", "2"), "forbidden", 403);
        await Expect.ProblemAsync(await reader.PostAsync("/v1/cache/k", null, Token), "forbidden", 403);
        await Expect.ProblemAsync(await reader.DeleteAsync("/v1/cache/k", Token), "forbidden", 403);
        await Expect.ProblemAsync(await reader.DeleteAsync("/v1/cache/tags/t", Token), "forbidden", 403);
        await Expect.ProblemAsync(await reader.DeleteAsync("/v1/cache?prefix=k", Token), "forbidden", 403);
        await Expect.ProblemAsync(await reader.PostAsync("/v1/cache:batch", """{"operations":[{"op":"delete","key":"k"}]}"""), "forbidden", 403);
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task Tenants_never_meet(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        using var other = servers.First.ClientWith(await servers.First.MakeKeyAsync(Role.Writer, "acme"));
        await Done(await PutAsync(servers.Client, "k?tags=t", "ours"));
        await Missing(await other.GetAsync("/v1/cache/k", Token));
        await Done(await PutAsync(other, "k?tags=t", "theirs"));
        await Done(await other.DeleteAsync("/v1/cache/tags/t", Token));
        await Done(await other.DeleteAsync("/v1/cache?all=true", Token));
        Assert.Equal("ours", await servers.Client.GetStringAsync("/v1/cache/k", Token));
    }

    [Theory]
    [InlineData(Layers.Sqlite)]
    [InlineData(Layers.Postgres)]
    [InlineData(Layers.PostgresAndRedis)]
    public async Task Stats_count_by_layer(Layers layers)
    {
        await using var servers = await CacheServers.StartAsync(layers);
        await Done(await PutAsync(servers.Client, "k", "1"));
        await servers.Client.GetStringAsync("/v1/cache/k", Token);
        var stats = await Expect.JsonAsync(await servers.Client.GetAsync("/v1/cache/stats", Token), 200);
        var memory = stats.GetProperty("layers").EnumerateArray().First();
        Assert.Equal("memory", memory.GetProperty("layer").GetString());
        Assert.True(memory.GetProperty("sets").GetInt64() >= 1 && memory.GetProperty("entries").GetInt64() >= 1, stats.ToString());
        Assert.Contains(stats.GetProperty("circuit").GetString(), (string[])["closed", "open", "none"]);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string path, string value, string type = "application/octet-stream")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(value));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        var uri = new Uri($"{client.BaseAddress}v1/cache/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return client.PutAsync(uri, content, Token);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, Action<HttpRequestMessage>? with = null)
    {
        var request = new HttpRequestMessage(method, $"/v1/cache/{path}") { Content = method == HttpMethod.Put ? new StringContent("new") : null };
        with?.Invoke(request);
        return client.SendAsync(request, Token);
    }

    private static async Task<string> ThereAsync(HttpClient client)
    {
        var there = new List<string>();
        foreach (var key in (string[])["p/1", "p/2", "q/3"])
        {
            if ((await client.GetAsync($"/v1/cache/{key}", Token)).IsSuccessStatusCode)
            {
                there.Add(key);
            }
        }

        return string.Join(' ', there);
    }

    private static Task Missing(HttpResponseMessage answer) => Expect.ProblemAsync(answer, "not-found", 404);

    private static async Task Done(HttpResponseMessage answer) =>
        Assert.True(answer.StatusCode == HttpStatusCode.NoContent, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Token)}");

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
