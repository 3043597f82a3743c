using System.Text;
using CloudStore.Storage.Cache.Shared;
using CloudStore.Storage.Cache.Shared.Redis;

namespace CloudStore.Storage.Tests.Cache.Shared.Redis;

public sealed class EnvelopeTests
{
    // The vector of docs/cache.md.
    private const string Vector =
        "c5011200" + "0570f2a000000007" + "0000019b76de8000" + "0000019b76e313e0" + "0000000000002710" + "0000000000000000" + "0002" + "00027431" + "0003c3bc32" + "68656c6c6f";

    private static readonly SharedEntry Entry = new()
    {
        Format = 0x12,
        Position = 0x0570F2A000000007,
        CreatedAt = 1_767_225_851_904,
        ExpiresAt = 1_767_226_151_904,
        StaleFor = 10_000,
        Tags = ["t1", "ü2"],
        Payload = "hello"u8.ToArray(),
    };

    [Fact]
    public void The_bytes_are_those_of_the_documentation()
    {
        Assert.Equal(Vector, Convert.ToHexStringLower(Envelope.Write(Entry)));
        var read = Envelope.Read(Convert.FromHexString(Vector))!;
        Assert.Equal((Entry.Format, Entry.Position, Entry.CreatedAt, Entry.ExpiresAt, Entry.StaleFor, Entry.Sliding), (read.Format, read.Position, read.CreatedAt, read.ExpiresAt, read.StaleFor, read.Sliding));
        Assert.Equal(Entry.Tags, read.Tags);
        Assert.Equal("hello", Encoding.UTF8.GetString(read.Payload.Span));
    }

    [Fact]
    public void What_is_cut_off_or_of_another_version_is_no_entry()
    {
        var bytes = Convert.FromHexString(Vector);
        for (int length = 0; length < bytes.Length - 5; length++)
        {
            Assert.Null(Envelope.Read(bytes[..length]));
        }

        bytes[1] = 2;
        Assert.Null(Envelope.Read(bytes));
    }

    [Fact]
    public void A_plain_counter_is_its_digits()
    {
        var counter = new SharedEntry { Format = 3, Position = 1, CreatedAt = 2, ExpiresAt = 3, Payload = "-42"u8.ToArray() };
        Assert.Equal("-42"u8.ToArray(), Envelope.Write(counter));
        Assert.Equal(Envelope.Magic, Envelope.Write(counter with { Tags = ["t"] })[0]);
        Assert.Equal(Envelope.Magic, Envelope.Write(counter with { Sliding = 5 })[0]);
    }

    [Theory]
    [InlineData(InvalidationKind.Tag, "acme", "t1")]
    [InlineData(InvalidationKind.Prefix, "täter", "a:")]
    [InlineData(InvalidationKind.Tenant, "acme", "")]
    [InlineData(InvalidationKind.Key, "", "k")]
    public void A_line_is_read_as_it_was_written(InvalidationKind kind, string tenant, string name)
    {
        var what = new Invalidation(kind, tenant, name);
        Assert.Equal(new LogLine(9, 77, what), RedisLine.Read(RedisLine.Write(what, 77), 9));
        Assert.Equal(what, RedisLine.ReadMark(RedisLine.Mark(kind, tenant, name)));
    }

    [Fact]
    public void Tenants_and_keys_with_colons_do_not_meet()
    {
        var names = new RedisNames("x");
        Assert.NotEqual(names.Entry(new Place(1, 1, "a:b", "c")), names.Entry(new Place(1, 1, "a", "b:c")));
        Assert.NotEqual(names.Entry(new Place(1, 1, "a%3Ab", "c")), names.Entry(new Place(1, 1, "a:b", "c")));
        Assert.NotEqual(names.Entry(new Place(1, 1, "a", "c")), names.Lease(new Place(1, 1, "a", "c")));
    }
}
