using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CloudStore.Storage.Series.Parquet.Encodings;

/// <summary>Numbers of a few bits each, one after the other, the lowest bit first.</summary>
internal static class BitPacking
{
    // Four numbers of up to 25 bits lie in 16 bytes, each in the four bytes from the one on in which it begins.
    private const int MaxVectorWidth = 25;
    private static readonly Vector256<byte>[] Places = [.. Enumerable.Range(0, MaxVectorWidth + 1).Select(PlacesOf)];
    private static readonly Vector256<uint>[] Shifts = [.. Enumerable.Range(0, MaxVectorWidth + 1).Select(ShiftsOf)];

    /// <summary>The bytes that so many numbers take.</summary>
    public static long ByteCount(long count, int width) => (count * width + 7) >> 3;

    /// <param name="source">At least <see cref="ByteCount"/> bytes.</param>
    /// <param name="width">0 to 32.</param>
    public static void Unpack(ReadOnlySpan<byte> source, int width, Span<uint> target)
    {
        Require(source, width, target.Length);
        if (width == 0)
        {
            target.Clear();
            return;
        }

        int done = Avx2.IsSupported && width <= MaxVectorWidth ? UnpackVectors(source, width, target) : 0;
        uint mask = uint.MaxValue >> (32 - width);
        for (int i = done; i < target.Length; i++)
        {
            target[i] = (uint)Load(source, (long)i * width) & mask;
        }
    }

    /// <param name="source">At least <see cref="ByteCount"/> bytes.</param>
    /// <param name="width">0 to 64.</param>
    public static void Unpack(ReadOnlySpan<byte> source, int width, Span<ulong> target)
    {
        Require(source, width, target.Length);
        if (width == 0)
        {
            target.Clear();
            return;
        }

        ulong mask = ulong.MaxValue >> (64 - width);
        for (int i = 0; i < target.Length; i++)
        {
            long bit = (long)i * width;
            ulong value = Load(source, bit);
            int shift = (int)(bit & 7);
            if (shift + width > 64)
            {
                value |= (ulong)source[(int)(bit >> 3) + 8] << (64 - shift);
            }

            target[i] = value & mask;
        }
    }

    // Up to 64 bits from a bit on; what lies beyond the end is 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ReadOnlySpan<byte> source, long bit)
    {
        int at = (int)(bit >> 3);
        if (source.Length - at >= 8)
        {
            return Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), at)) >> (int)(bit & 7);
        }

        ulong value = 0;
        for (int i = at; i < source.Length; i++)
        {
            value |= (ulong)source[i] << (8 * (i - at));
        }

        return value >> (int)(bit & 7);
    }

    private static int UnpackVectors(ReadOnlySpan<byte> source, int width, Span<uint> target)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref uint to = ref MemoryMarshal.GetReference(target);
        var (places, shifts, mask) = (Places[width], Shifts[width], Vector256.Create(uint.MaxValue >> (32 - width)));
        int upper = width >> 1, done = 0;
        // Eight numbers take as many bytes as one takes bits.
        for (int at = 0; target.Length - done >= 8 && source.Length - at >= upper + 16; at += width, done += 8)
        {
            var bytes = Vector256.Create(Vector128.LoadUnsafe(ref from, (nuint)at), Vector128.LoadUnsafe(ref from, (nuint)(at + upper)));
            var numbers = Avx2.ShiftRightLogicalVariable(Avx2.Shuffle(bytes, places).AsUInt32(), shifts) & mask;
            numbers.StoreUnsafe(ref to, (nuint)done);
        }

        return done;
    }

    // The upper half of the vector begins at the byte in which the fifth number does.
    private static int BitOf(int number, int width) => number < 4 ? number * width : number * width - 8 * (width >> 1);

    private static Vector256<byte> PlacesOf(int width)
    {
        Span<byte> places = stackalloc byte[32];
        for (int number = 0; number < 8; number++)
        {
            for (int i = 0; i < 4; i++)
            {
                int place = (BitOf(number, width) >> 3) + i;
                places[number * 4 + i] = place < 16 ? (byte)place : (byte)0x80;
            }
        }

        return Vector256.Create<byte>(places);
    }

    private static Vector256<uint> ShiftsOf(int width)
    {
        Span<uint> shifts = stackalloc uint[8];
        for (int number = 0; number < 8; number++)
        {
            shifts[number] = (uint)BitOf(number, width) & 7;
        }

        return Vector256.Create<uint>(shifts);
    }

    private static void Require(ReadOnlySpan<byte> source, int width, int count)
    {
        if (source.Length < ByteCount(count, width))
        {
            throw new ParquetException($"{count} numbers of {width} bits end after {source.Length} bytes");
        }
    }

    /// <summary>Packs numbers below two to the power of <paramref name="width"/> (at most 32), and 0s up to a multiple of eight.</summary>
    public static void Pack(ReadOnlySpan<int> values, int width, ByteBuffer output)
    {
        int groups = (values.Length + 7) / 8;
        var target = output.Room(groups * width + 8);
        ulong bits = 0;
        int held = 0, at = 0;
        foreach (int value in values)
        {
            bits |= (ulong)(uint)value << held;
            held += width;
            if (held >= 32)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(target[at..], (uint)bits);
                at += 4;
                bits >>= 32;
                held -= 32;
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(target[at..], bits);
        at += (held + 7) / 8;
        int length = groups * width;
        if (length > at)
        {
            target[at..length].Clear();
        }

        output.Advance(length);
    }

    /// <summary>Packs numbers of up to 64 bits, a multiple of eight of them.</summary>
    public static void Pack(ReadOnlySpan<ulong> values, int width, ByteBuffer output)
    {
        int length = values.Length / 8 * width, at = 0, held = 0;
        var target = output.Room(length + 8);
        UInt128 bits = 0;
        foreach (ulong value in values)
        {
            bits |= (UInt128)value << held;
            held += width;
            if (held >= 64)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(target[at..], (ulong)bits);
                at += 8;
                bits >>= 64;
                held -= 64;
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(target[at..], (ulong)bits);
        output.Advance(length);
    }
}
