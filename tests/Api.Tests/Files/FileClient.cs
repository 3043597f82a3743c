using System.Net.Http.Headers;
using System.Text.Json;
using CloudStore.Storage.Files;

namespace CloudStore.Api.Tests.Files;

/// <summary>What tests of files do most.</summary>
internal static class FileClient
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static async Task<JsonElement> StoreAsync(this HttpClient client, byte[] content, string query = "", string type = "application/octet-stream", string? user = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/files{query}") { Content = new ByteArrayContent(content) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } } };
        return await Expect.JsonAsync(await client.SendAsync(As(request, user), Token), 201);
    }

    public static async Task<byte[]> ContentAsync(this HttpClient client, Guid id) => await client.GetByteArrayAsync($"/v1/files/{id}/content", Token);

    public static Task<HttpResponseMessage> SendAsAsync(this HttpClient client, string user, HttpMethod method, string path, object? body = null) =>
        client.SendAsync(As(new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), null, "application/json") }, user), Token);

    public static Guid Id(this JsonElement file) => file.GetProperty("id").GetGuid();

    /// <summary>Where the server keeps contents.</summary>
    public static string Folder(ApiServer server) => Path.Combine(server.DataFolder, "files", FilesOptions.Default);

    public static string[] Contents(ApiServer server) => Directory.Exists(Folder(server)) ? Directory.GetFiles(Folder(server), "*", SearchOption.AllDirectories) : [];

    private static HttpRequestMessage As(HttpRequestMessage request, string? user)
    {
        if (user is not null)
        {
            request.Headers.Add(FileRights.Header, user);
        }

        return request;
    }
}
