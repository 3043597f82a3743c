using CloudStore.Storage.Records;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Records;

public sealed class RecordIdTests
{
    [Fact]
    public void Ids_have_the_version_variant_and_time_of_RFC_9562()
    {
        var start = new DateTimeOffset(2031, 5, 6, 7, 8, 9, 123, TimeSpan.Zero);
        var id = RecordId.Next(new ManualTime(start));
        Span<byte> bytes = stackalloc byte[16];
        Assert.True(id.TryWriteBytes(bytes, bigEndian: true, out _));
        Assert.Equal(7, bytes[6] >> 4);
        Assert.Equal(0b10, bytes[8] >> 6);
        Assert.Equal(7, id.Version);
    }

    [Fact]
    public void A_later_clock_shows_in_the_first_48_bits()
    {
        // The generator is shared by the process and never goes back, so the clock starts behind everything it has given out.
        var start = DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(RecordId.Next(TimeProvider.System)) + 1_000);
        var time = new ManualTime(start);
        Assert.Equal(start.ToUnixTimeMilliseconds(), Milliseconds(RecordId.Next(time)));
        time.Advance(TimeSpan.FromMilliseconds(7));
        Assert.Equal(start.ToUnixTimeMilliseconds() + 7, Milliseconds(RecordId.Next(time)));
    }

    [Fact]
    public void Ids_rise_strictly_while_the_clock_stands_and_when_they_are_made_in_bulk()
    {
        var time = new ManualTime();
        var ids = new Guid[200_000];
        RecordId.Fill(ids, time);
        var all = ids.Append(RecordId.Next(time)).Append(RecordId.Next(time)).ToArray();
        for (int i = 1; i < all.Length; i++)
        {
            Assert.True(all[i].CompareTo(all[i - 1]) > 0, $"id {i} does not rise");
        }
    }

    [Fact]
    public async Task Ids_made_by_many_threads_are_all_different()
    {
        var time = new ManualTime();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            var ids = new Guid[5_000];
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = RecordId.Next(time);
            }

            return ids;
        })));
        Assert.Equal(8 * 5_000, made.SelectMany(m => m).Distinct().Count());
    }

    private static long Milliseconds(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        long milliseconds = 0;
        foreach (var b in bytes[..6])
        {
            milliseconds = (milliseconds << 8) | b;
        }

        return milliseconds;
    }
}
