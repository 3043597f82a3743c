using System.Text;
using System.Text.Json;

namespace CloudStore.Api.Tests;

/// <summary>Reads answers and holds them to what is expected.</summary>
internal static class Expect
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The answer is a problem of that kind, complete in every member; gives it back for closer looks.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, string kind, int status)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == (int)response.StatusCode, $"expected {status} {kind}, got {(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal($"/problems/{kind}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.NotEmpty(problem.GetProperty("traceId").GetString()!);
        Assert.Equal(response.RequestMessage?.RequestUri?.AbsolutePath ?? problem.GetProperty("instance").GetString(), problem.GetProperty("instance").GetString());
        Assert.Equal(JsonValueKind.Array, problem.GetProperty("errors").ValueKind);
        return problem;
    }

    /// <summary>The same, and the first error names that field and rule.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, string kind, int status, string field, string rule)
    {
        var problem = await ProblemAsync(response, kind, status);
        var error = problem.GetProperty("errors")[0];
        Assert.Equal((field, rule), (error.GetProperty("field").GetString(), error.GetProperty("rule").GetString()));
        return problem;
    }

    public static string Detail(this JsonElement problem) => problem.GetProperty("detail").GetString()!;

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == (int)response.StatusCode, $"expected {status}, got {(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, string json, string? idempotencyKey = null, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, contentType) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return client.SendAsync(request, Token);
    }
}
