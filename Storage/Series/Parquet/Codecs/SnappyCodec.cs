using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CloudStore.Storage.Series.Parquet.Codecs;

/// <summary>
/// Snappy's block format, after Google's format_description.txt: the length as a varint, then literals and copies of what was written before. Compression looks four bytes up in a table of
/// the last place where they stood, within blocks of 64 KiB, and takes ever longer steps where it finds nothing.
/// </summary>
internal sealed unsafe class SnappyCodec : PageCodec
{
    private const int BlockBytes = 1 << 16, TableBits = 14, MinMatch = 4;

    // Before a block's end nothing is looked up: reads of eight bytes stay inside.
    private const int Margin = 15;
    private const int LongestCopy = 64;

    // A copy of 64 bytes takes three.
    public override int MaxExpansion => 32;

    public override void Compress(ReadOnlySpan<byte> plain, ByteBuffer output)
    {
        output.Varint((ulong)plain.Length);
        var room = output.Room(32 + plain.Length + plain.Length / 6);
        var table = ArrayPool<ushort>.Shared.Rent(1 << TableBits);
        fixed (byte* source = plain, target = room)
        fixed (ushort* places = table)
        {
            byte* to = target;
            for (int at = 0; at < plain.Length; at += BlockBytes)
            {
                int length = Math.Min(BlockBytes, plain.Length - at);
                new Span<ushort>(places, 1 << TableBits).Clear();
                to = CompressBlock(source + at, length, to, places);
            }

            output.Advance((int)(to - target));
        }

        ArrayPool<ushort>.Shared.Return(table);
    }

    public override void Decompress(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        int at = 0;
        ulong length = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (at == packed.Length || shift > 28)
            {
                throw Damaged("snappy", plain.Length);
            }

            byte next = packed[at++];
            length |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        if (length != (ulong)plain.Length)
        {
            throw Damaged("snappy", plain.Length);
        }

        fixed (byte* source = packed, target = plain)
        {
            if (!Decompress(source + at, source + packed.Length, target, target + plain.Length))
            {
                throw Damaged("snappy", plain.Length);
            }
        }
    }

    private static bool Decompress(byte* from, byte* fromEnd, byte* start, byte* end)
    {
        byte* to = start;
        while (from < fromEnd)
        {
            uint tag = *from++;
            if ((tag & 3) == 0)
            {
                int length = (int)(tag >> 2) + 1;
                if (length <= 16 && fromEnd - from >= 16 && end - to >= 16)
                {
                    Vector128.Store(Vector128.Load(from), to);
                    from += length;
                    to += length;
                    continue;
                }

                if (length > 60 && !LiteralLength(ref from, fromEnd, length - 60, out length))
                {
                    return false;
                }

                if (length > fromEnd - from || length > end - to)
                {
                    return false;
                }

                Unsafe.CopyBlockUnaligned(to, from, (uint)length);
                from += length;
                to += length;
            }
            else
            {
                if (!Reference(ref from, fromEnd, tag, out uint offset, out int length) || offset == 0 || offset > to - start || length > end - to)
                {
                    return false;
                }

                Copy(to, offset, length, end);
                to += length;
            }
        }

        return to == end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Reference(ref byte* from, byte* end, uint tag, out uint offset, out int length)
    {
        int extra = (int)(tag & 3);
        length = extra == 1 ? (int)((tag >> 2) & 7) + 4 : (int)(tag >> 2) + 1;
        offset = 0;
        if (extra == 2)
        {
            if (end - from < 2)
            {
                return false;
            }

            offset = Unsafe.ReadUnaligned<ushort>(from);
            from += 2;
            return true;
        }

        if (end - from < (extra == 1 ? 1 : 4))
        {
            return false;
        }

        offset = extra == 1 ? ((tag >> 5) << 8) | *from : Unsafe.ReadUnaligned<uint>(from);
        from += extra == 1 ? 1 : 4;
        return true;
    }

    private static bool LiteralLength(ref byte* from, byte* end, int bytes, out int length)
    {
        length = 0;
        if (end - from < bytes)
        {
            return false;
        }

        uint value = 0;
        for (int i = 0; i < bytes; i++)
        {
            value |= (uint)from[i] << (8 * i);
        }

        from += bytes;
        length = (int)(value + 1);
        return value < int.MaxValue;
    }

    // What is copied may begin inside what the copy makes: then it repeats.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(byte* to, uint offset, int length, byte* end)
    {
        byte* from = to - offset;
        if (offset >= 16 && end - to >= LongestCopy + 16)
        {
            for (int i = 0; i < length; i += 16)
            {
                Vector128.Store(Vector128.Load(from + i), to + i);
            }
        }
        else if (offset >= 8 && end - to >= LongestCopy + 16)
        {
            for (int i = 0; i < length; i += 8)
            {
                Unsafe.WriteUnaligned(to + i, Unsafe.ReadUnaligned<ulong>(from + i));
            }
        }
        else
        {
            for (int i = 0; i < length; i++)
            {
                to[i] = from[i];
            }
        }
    }

    private static byte* CompressBlock(byte* block, int length, byte* to, ushort* table)
    {
        byte* end = block + length, literal = block, at = block + 1;
        byte* last = end - Margin;
        if (length > Margin)
        {
            int misses = 32;
            while (at < last)
            {
                uint here = Unsafe.ReadUnaligned<uint>(at);
                ref ushort place = ref table[Slot(here)];
                byte* found = block + place;
                place = (ushort)(at - block);
                if (Unsafe.ReadUnaligned<uint>(found) != here || found >= at)
                {
                    at += misses++ >> 5;
                    continue;
                }

                to = Literal(literal, (int)(at - literal), to);
                int match = MinMatch + Common(found + MinMatch, at + MinMatch, end);
                to = Copies((int)(at - found), match, to);
                at += match;
                literal = at;
                misses = 32;
                if (at < last)
                {
                    table[Slot(Unsafe.ReadUnaligned<uint>(at - 1))] = (ushort)(at - 1 - block);
                }
            }
        }

        return literal < end ? Literal(literal, (int)(end - literal), to) : to;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Slot(uint bytes) => (bytes * 0x9E3779B1) >> (32 - TableBits);

    private static int Common(byte* earlier, byte* at, byte* end)
    {
        byte* start = at;
        while (end - at >= 8)
        {
            ulong differ = Unsafe.ReadUnaligned<ulong>(earlier) ^ Unsafe.ReadUnaligned<ulong>(at);
            if (differ != 0)
            {
                return (int)(at - start) + (BitOperations.TrailingZeroCount(differ) >> 3);
            }

            at += 8;
            earlier += 8;
        }

        while (at < end && *earlier == *at)
        {
            at++;
            earlier++;
        }

        return (int)(at - start);
    }

    private static byte* Literal(byte* from, int length, byte* to)
    {
        if (length == 0)
        {
            return to;
        }

        int n = length - 1;
        if (n < 60)
        {
            *to++ = (byte)(n << 2);
        }
        else if (n < 256)
        {
            *to++ = 60 << 2;
            *to++ = (byte)n;
        }
        else
        {
            *to++ = 61 << 2;
            BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(to, 2), (ushort)n);
            to += 2;
        }

        Unsafe.CopyBlockUnaligned(to, from, (uint)length);
        return to + length;
    }

    private static byte* Copies(int offset, int length, byte* to)
    {
        // The rest of a long one is at least four bytes, which the short form can say.
        while (length >= LongestCopy + MinMatch)
        {
            to = CopyOfTwo(offset, LongestCopy, to);
            length -= LongestCopy;
        }

        if (length > LongestCopy)
        {
            to = CopyOfTwo(offset, 60, to);
            length -= 60;
        }

        if (length < 12 && offset < 2048)
        {
            *to++ = (byte)(1 | ((length - 4) << 2) | ((offset >> 8) << 5));
            *to++ = (byte)offset;
            return to;
        }

        return CopyOfTwo(offset, length, to);
    }

    private static byte* CopyOfTwo(int offset, int length, byte* to)
    {
        *to++ = (byte)(2 | ((length - 1) << 2));
        Unsafe.WriteUnaligned(to, (ushort)offset);
        return to + 2;
    }
}
