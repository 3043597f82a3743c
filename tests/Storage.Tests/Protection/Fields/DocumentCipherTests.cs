using System.Text.Json.Nodes;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Fields;

public sealed class DocumentCipherTests
{
    private const string Json = """{"name":"Åsa \"<b>\" 😀","customer":{"email":"a@b.c","limit":1.10,"big":12345678901234567890,"tags":["x",null,{"y":1e3}],"none":null,"vip":true},"open":1}""";
    private static readonly string[] Paths = ["name", "customer.email", "customer.limit", "customer.big", "customer.tags", "customer.none", "customer.vip", "not.there", "name.not.an.object"];

    [Fact]
    public async Task Named_fields_of_a_document_come_back_to_the_letter()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite);
        var cipher = store.Services.GetRequiredService<DocumentCipher>();
        var (id, document) = (Guid.CreateVersion7(), JsonNode.Parse(Json)!.AsObject());
        cipher.Encrypt("acme", "test", id, document, Paths);
        var hidden = document.ToJsonString();
        Assert.DoesNotContain("a@b.c", hidden, StringComparison.Ordinal);
        Assert.DoesNotContain("1.10", hidden, StringComparison.Ordinal);
        Assert.StartsWith(DocumentCipher.Mark, (string)document["customer"]!["limit"]!, StringComparison.Ordinal);
        Assert.Equal(1, (int)document["open"]!);
        var again = JsonNode.Parse(hidden)!.AsObject();
        cipher.Encrypt("acme", "test", id, again, Paths);
        Assert.Equal(hidden, again.ToJsonString());
        cipher.Decrypt("acme", "test", id, again, Paths);
        Assert.Equal(JsonNode.Parse(Json)!.ToJsonString(), again.ToJsonString());
    }

    [Fact]
    public async Task Values_of_a_dictionary_come_back_as_the_type_they_were()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite);
        var cipher = store.Services.GetRequiredService<DocumentCipher>();
        var id = Guid.CreateVersion7();
        var values = new Dictionary<string, object?>
        {
            ["text"] = "x", ["int"] = 5, ["long"] = 5L, ["decimal"] = 1.10m, ["double"] = 1.5, ["bool"] = false, ["null"] = null, ["id"] = id,
            ["time"] = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), ["bytes"] = new byte[] { 1, 2 },
        };
        var copy = new Dictionary<string, object?>(values);
        cipher.Encrypt("acme", "test", id, copy, values.Keys);
        Assert.All(copy.Values, v => Assert.StartsWith(DocumentCipher.Mark, Assert.IsType<string>(v), StringComparison.Ordinal));
        cipher.Decrypt("acme", "test", id, copy, values.Keys);
        foreach (var (name, value) in values)
        {
            Assert.Equal(value, copy[name]);
            Assert.Equal(value?.GetType(), copy[name]?.GetType());
        }

        Assert.Throws<NotSupportedException>(() => cipher.Encrypt("acme", "test", id, new Dictionary<string, object?> { ["odd"] = new Version(1, 2) }, ["odd"]));
    }

    [Fact]
    public async Task A_field_does_not_open_in_another_field_document_purpose_or_tenant()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite);
        var cipher = store.Services.GetRequiredService<DocumentCipher>();
        var id = Guid.CreateVersion7();
        var document = new JsonObject { ["a"] = 1, ["b"] = 2 };
        cipher.Encrypt("acme", "test", id, document, ["a", "b"]);
        var swapped = new JsonObject { ["a"] = (string)document["b"]! };
        await FailsAsync("authentic", () => cipher.Decrypt("acme", "test", id, swapped, ["a"]));
        await FailsAsync("authentic", () => cipher.Decrypt("acme", "test", Guid.CreateVersion7(), document, ["a"]));
        await FailsAsync("authentic", () => cipher.Decrypt("acme", "other", id, document, ["a"]));
        await FailsAsync("owner", () => cipher.Decrypt("globex", "test", id, document, ["a"]));
        await FailsAsync("form", () => cipher.Decrypt("acme", "test", id, new JsonObject { ["a"] = "enc:v1:!!" }, ["a"]));
        var looksLikeOne = new JsonObject { ["a"] = "enc:v1:AAAA" };
        cipher.Encrypt("acme", "test", id, looksLikeOne, ["a"]);
        Assert.True(((string)looksLikeOne["a"]!).Length > 50);
        cipher.Decrypt("acme", "test", id, looksLikeOne, ["a"]);
        Assert.Equal("enc:v1:AAAA", (string)looksLikeOne["a"]!);
        cipher.Decrypt("acme", "test", id, document, ["a"]);
        Assert.Equal("1", document["a"]!.ToJsonString());
    }

    private static async Task FailsAsync(string rule, Action act) => await Samples.FailsAsync(ProblemKind.Unreadable, rule, () =>
    {
        act();
        return Task.CompletedTask;
    });
}
