using CloudStore.Storage.Access;

namespace CloudStore.Storage.Tests.Access;

public sealed class KeyTextTests
{
    [Fact]
    public void A_new_key_reads_back_as_its_id_and_hash()
    {
        for (int i = 0; i < 200; i++)
        {
            var (id, hash, text) = KeyText.Create();
            var read = new byte[32];
            Assert.True(KeyText.TryRead(text, out var part, read));
            Assert.Equal(id, part.ToString());
            Assert.Equal(hash, read);
        }
    }

    [Fact]
    public void A_secret_may_hold_underscores_and_an_id_may_not()
    {
        var hash = new byte[32];
        Assert.True(KeyText.TryRead("cs_my-key_" + new string('_', 42) + "8", out var id, hash));
        Assert.Equal("my-key", id.ToString());
        Assert.False(KeyText.TryRead("cs_my_key_" + new string('A', 43), out _, hash));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cs_")]
    [InlineData("cs_abcd_")]
    [InlineData("cs_abcd")]
    [InlineData("xx_abcd_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("cs_abc_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("cs_ab.d_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("cs_abcd_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh")]
    [InlineData("cs_abcd_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    [InlineData("cs_abcd_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+")]
    public void Text_of_another_form_is_refused(string text) => Assert.False(KeyText.TryRead(text, out _, new byte[32]));

    [Fact]
    public void Reading_allocates_nothing()
    {
        var text = KeyText.Create().Text;
        var hash = new byte[32];
        for (int i = 0; i < 100; i++)
        {
            KeyText.TryRead(text, out _, hash);
        }

        // The runtime may allocate once by itself, e.g. when it replaces a method by a faster one; what reading allocates is there every time.
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            KeyText.TryRead(text, out _, hash);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
