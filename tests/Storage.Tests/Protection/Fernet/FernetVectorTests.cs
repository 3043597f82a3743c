using System.Globalization;
using System.Text;
using System.Text.Json;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Protection.Fernet;

/// <summary>The specification's own vectors.</summary>
public sealed class FernetVectorTests
{
    [Fact]
    public void The_specification_s_vectors_for_generating_give_its_tokens()
    {
        var vectors = Vectors("generate");
        Assert.NotEmpty(vectors);
        foreach (var vector in vectors)
        {
            var iv = vector.GetProperty("iv").EnumerateArray().Select(b => b.GetByte()).ToArray();
            var token = Cipher(vector).Encrypt(Encoding.UTF8.GetBytes(vector.GetProperty("src").GetString()!), Now(vector).ToUnixTimeSeconds(), iv);
            Assert.Equal(vector.GetProperty("token").GetString(), token);
        }
    }

    [Fact]
    public void The_specification_s_vectors_for_verifying_give_their_contents()
    {
        var vectors = Vectors("verify");
        Assert.NotEmpty(vectors);
        foreach (var vector in vectors)
        {
            Assert.Equal(vector.GetProperty("src").GetString(), Encoding.UTF8.GetString(Cipher(vector).Decrypt(vector.GetProperty("token").GetString()!, Ttl(vector))));
        }
    }

    [Fact]
    public void The_specification_s_invalid_vectors_are_each_refused_for_what_is_wrong_with_them()
    {
        var expected = new Dictionary<string, FernetFault>
        {
            ["incorrect mac"] = FernetFault.Signature,
            ["too short"] = FernetFault.TooShort,
            ["invalid base64"] = FernetFault.NotBase64,
            ["payload size not multiple of block size"] = FernetFault.Truncated,
            ["payload padding error"] = FernetFault.Padding,
            ["far-future TS (unacceptable clock skew)"] = FernetFault.FromTheFuture,
            ["expired TTL"] = FernetFault.Expired,
            ["incorrect IV (causes padding error)"] = FernetFault.Padding,
        };
        var vectors = Vectors("invalid");
        Assert.Equal(expected.Count, vectors.Count);
        foreach (var vector in vectors)
        {
            var refused = Assert.Throws<FernetException>(() => Cipher(vector).Decrypt(vector.GetProperty("token").GetString()!, Ttl(vector)));
            Assert.Equal(expected[vector.GetProperty("desc").GetString()!], refused.Fault);
        }
    }

    private static List<JsonElement> Vectors(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(SharedData.File($"fernet/{name}.json")));
        return [.. file.RootElement.EnumerateArray().Select(v => v.Clone())];
    }

    private static MultiFernet Cipher(JsonElement vector) => new([FernetKey.Parse(vector.GetProperty("secret").GetString()!)], new ManualTime(Now(vector)));

    private static DateTimeOffset Now(JsonElement vector) => DateTimeOffset.Parse(vector.GetProperty("now").GetString()!, CultureInfo.InvariantCulture);

    private static TimeSpan Ttl(JsonElement vector) => TimeSpan.FromSeconds(vector.GetProperty("ttl_sec").GetInt32());
}
