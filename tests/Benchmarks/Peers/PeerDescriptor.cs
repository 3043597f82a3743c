using System.Text.Json;

namespace CloudStore.Benchmarks.Peers;

/// <summary>
/// What a harness outside the repository needs to put the same load on this server as on others: where it is, its processes, and the requests. In
/// <c>create.row</c> and <c>batch.item</c> $ID stands for a unique id, in <c>batch.wrap</c> "$ITEMS" for the items and in <c>batch.item</c> "$ROW" for the row.
/// </summary>
internal static class PeerDescriptor
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Task WriteAsync(string file, ServerProcess server, IReadOnlyList<string> ids, IReadOnlyList<string> lists) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(
            new
            {
                Name = "cloudstore",
                server.Url,
                Headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {server.Key}", ["Content-Type"] = "application/json" },
                Pids = new[] { server.Id },
                Create = new { Path = "/v1/campaigns", Row = JsonDocument.Parse(CampaignRows.Json(123_457, "$ID")).RootElement },
                Get = new { Paths = ids.Select(i => $"/v1/campaigns/{i}") },
                List = new { Paths = lists, Key = "items" },
                Batch = new { Path = "/v1/campaigns:batch", Wrap = new { Items = "$ITEMS" }, Item = "$ROW" },
            },
            Indented));
}
