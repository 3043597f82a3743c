using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudStore.Storage.Records;

/// <summary>
/// Makes UUID version 7 values (RFC 9562 section 5.7) that rise strictly within this process, by a 26-bit counter behind the milliseconds
/// (section 6.2, method 1). Rising keys are appended at the right edge of an index instead of being spread over it.
/// </summary>
public static class RecordId
{
    private const int CounterBits = 26;
    private static readonly Lock Gate = new();
    private static long s_milliseconds;
    private static uint s_counter;

    public static Guid Next(TimeProvider time)
    {
        ulong random = NextRandom();
        var (milliseconds, counter) = Reserve(time, 1);
        return Make(milliseconds, counter, random);
    }

    /// <summary>Fills <paramref name="ids"/> with rising values; one reservation for all of them.</summary>
    public static void Fill(Span<Guid> ids, TimeProvider time)
    {
        const int atOnce = 1 << 16;
        Span<ulong> random = stackalloc ulong[64];
        for (int start = 0; start < ids.Length; start += atOnce)
        {
            var part = ids.Slice(start, Math.Min(atOnce, ids.Length - start));
            var (milliseconds, counter) = Reserve(time, part.Length);
            for (int i = 0; i < part.Length; i++)
            {
                if (i % random.Length == 0)
                {
                    RandomNumberGenerator.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(random));
                }

                part[i] = Make(milliseconds, counter + (uint)i, random[i % random.Length]);
            }
        }
    }

    private static (long Milliseconds, uint Counter) Reserve(TimeProvider time, int count)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (Gate)
        {
            // A clock that stands or goes back keeps the last millisecond and counts on; an exhausted counter borrows the next one.
            if (now > s_milliseconds || s_counter + (ulong)count >= 1u << CounterBits)
            {
                s_milliseconds = Math.Max(now, s_milliseconds + 1);
                s_counter = (uint)RandomNumberGenerator.GetInt32(1 << (CounterBits - 2));
            }

            uint first = s_counter;
            s_counter += (uint)count;
            return (s_milliseconds, first);
        }
    }

    private static Guid Make(long milliseconds, uint counter, ulong random)
    {
        Span<byte> bytes = stackalloc byte[16];
        ulong high = ((ulong)milliseconds << 16) | 0x7000 | (counter >> 14);
        ulong low = 0x8000_0000_0000_0000 | ((ulong)(counter & 0x3FFF) << 48) | (random & 0xFFFF_FFFF_FFFF);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        return new Guid(bytes, bigEndian: true);
    }

    private static ulong NextRandom()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
