using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>The distinct values of a chunk, told apart by their bits, and the index of each value. It gives up where they are too many. For one thread.</summary>
internal static class ValueDictionary
{
    // After so many values it is seen whether they repeat.
    private const int Look = 8192;
    private const int MaxEntries = 1 << 17;

    // Odd, and of this process, so that nobody outside can make values that all fall together.
    private static readonly ulong Factor = 0x9E3779B97F4A7C15 ^ (BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) & 0x0000_0FFF_FFFF_F000);

    /// <param name="indices">As many as values.</param>
    /// <param name="isForced">It is wanted also where values hardly repeat.</param>
    /// <returns>The distinct values in the order in which they came; null where they are too many.</returns>
    public static T[]? Build<T>(ReadOnlySpan<T> values, Span<int> indices, bool isForced)
        where T : unmanaged
    {
        int most = isForced ? values.Length : Math.Min(MaxEntries, values.Length / 2);
        var entries = new T[1024];
        var slots = new int[2048];
        int count = 0, shift = 64 - BitOperations.Log2((uint)slots.Length);
        for (int i = 0; i < values.Length; i++)
        {
            T value = values[i];
            int slot = (int)(Bits(value) * Factor >> shift);
            int found;
            while ((found = slots[slot]) != 0 && !Same(entries[found - 1], value))
            {
                slot = (slot + 1) & (slots.Length - 1);
            }

            if (found == 0)
            {
                if (count >= most || (!isForced && i >= Look && i < 2 * Look && count > Look / 2))
                {
                    return null;
                }

                if (count == entries.Length)
                {
                    Array.Resize(ref entries, count * 2);
                    slots = Grow<T>(entries, count, slots.Length * 2);
                    shift--;
                    slot = Free(slots, value, shift);
                }

                entries[count++] = value;
                slots[slot] = found = count;
            }

            indices[i] = found - 1;
        }

        Array.Resize(ref entries, count);
        return entries;
    }

    private static int[] Grow<T>(ReadOnlySpan<T> entries, int count, int length)
        where T : unmanaged
    {
        var slots = new int[length];
        int shift = 64 - BitOperations.Log2((uint)length);
        for (int i = 0; i < count; i++)
        {
            slots[Free(slots, entries[i], shift)] = i + 1;
        }

        return slots;
    }

    private static int Free<T>(int[] slots, T value, int shift)
        where T : unmanaged
    {
        int slot = (int)(Bits(value) * Factor >> shift);
        while (slots[slot] != 0)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits<T>(T value)
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() == 8)
        {
            ulong bits = Unsafe.BitCast<T, ulong>(value);
            // Round numbers as doubles have only high bits, which a product keeps to itself.
            return bits ^ (bits >> 32);
        }

        if (Unsafe.SizeOf<T>() == 4)
        {
            return Unsafe.BitCast<T, uint>(value);
        }

        var halves = MemoryMarshal.Cast<T, ulong>(MemoryMarshal.CreateReadOnlySpan(ref value, 1));
        return halves[0] ^ BitOperations.RotateLeft(halves[1], 29);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Same<T>(T left, T right)
        where T : unmanaged =>
        Unsafe.SizeOf<T>() switch
        {
            8 => Unsafe.BitCast<T, ulong>(left) == Unsafe.BitCast<T, ulong>(right),
            4 => Unsafe.BitCast<T, uint>(left) == Unsafe.BitCast<T, uint>(right),
            _ => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref left, 1)).SequenceEqual(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref right, 1))),
        };
}
