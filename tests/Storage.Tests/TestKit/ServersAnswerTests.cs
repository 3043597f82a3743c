using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.TestKit;

/// <summary>That the addresses in the variables belong to the servers they name, spoken to in the servers' own protocols.</summary>
public sealed class ServersAnswerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_answers_a_ping()
    {
        var address = TestServers.Redis.Split(':');
        using var client = new TcpClient();
        await client.ConnectAsync(address[0], int.Parse(address[1]), Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync("PING\r\n"u8.ToArray(), Token);
        var answer = new byte[7];
        await stream.ReadExactlyAsync(answer, Token);
        Assert.Equal("+PONG\r\n", Encoding.ASCII.GetString(answer));
    }

    [Fact]
    public async Task Azurite_speaks_the_blob_protocol()
    {
        var settings = TestServers.Azurite.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/xml"));

        using var answer = await client.GetAsync(new Uri($"{settings["BlobEndpoint"]}?comp=list"), Token);

        // Unsigned, so it is refused; that it names the account's protocol is what tells it from any other server.
        Assert.True(answer.Headers.Contains("x-ms-error-code") || answer.Headers.Contains("x-ms-request-id"), answer.ToString());
        Assert.EndsWith(settings["AccountName"], settings["BlobEndpoint"], StringComparison.Ordinal);
    }
}
