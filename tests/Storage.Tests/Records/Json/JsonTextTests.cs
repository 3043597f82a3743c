using System.Text.Json;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Tests.Records.Json;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"b"}""")]
    [InlineData("""{"\u0041":"caf\u00E9 \uD83E\uDED6!"}""", """{"A":"café 🫖!"}""")]
    [InlineData("""["\u0022","\u005c","\u000a","\u0000","\u007f","\u009f"]""", """["\u0022","\u005c","\u000a","\u0000","\u007f","\u009f"]""")]
    [InlineData("""["\\u0041","\\\u0041","\"\u0041\n\u0042"]""", """["\\u0041","\\A","\"A\nB"]""")]
    [InlineData("""["\ud83e","\uDED6\ud83e","\ud83e\u0041","\ud83eA"]""", """["\ud83e","\uDED6\ud83e","\ud83eA","\ud83eA"]""")]
    [InlineData("""["\u00""", """["\u00""")]
    [InlineData("\\", "\\")]
    public void Letters_stand_for_their_escapes_and_nothing_else_changes(string sent, string kept) => Assert.Equal(kept, JsonText.WithoutEscapes(sent));

    [Fact]
    public void Any_character_means_the_same_as_before()
    {
        for (int c = 0; c <= char.MaxValue; c++)
        {
            if (!char.IsSurrogate((char)c))
            {
                var sent = $"\"\\u{c:x4}\"";
                Assert.Equal(JsonSerializer.Deserialize<string>(sent), JsonSerializer.Deserialize<string>(JsonText.WithoutEscapes(sent)));
            }
        }
    }
}
