using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Tests.Records.Bulk;

public class KeyOrderTests
{
    [Fact]
    public void Keys_are_sorted_as_ordinal_comparison_does()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            // Few characters, so that keys collide, are prefixes of each other, and differ behind the packed part.
            var shared = new string('c', random.Next(12));
            var keys = Enumerable.Range(0, 300).Select(_ => shared + new string([.. Enumerable.Range(0, random.Next(14)).Select(_ => "a\0bÿĀ中"[random.Next(6)])])).ToArray();
            var expected = Enumerable.Range(0, keys.Length).OrderBy(i => keys[i], StringComparer.Ordinal).ToArray();
            Assert.Equal(expected, KeyOrder.Of(keys));
        }
    }

    [Fact]
    public void No_key_and_one_key_are_in_order()
    {
        Assert.Empty(KeyOrder.Of([]));
        Assert.Equal([0], KeyOrder.Of(["only"]));
    }
}
