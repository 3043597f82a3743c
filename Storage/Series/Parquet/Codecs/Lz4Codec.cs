using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace CloudStore.Storage.Series.Parquet.Codecs;

/// <summary>LZ4's block format (lz4_Block_format.md): sequences of literals and a copy, the last one of literals alone.</summary>
internal sealed class Lz4Codec : PageCodec
{
    private const int MinMatch = 4, TableBits = 14, MaxOffset = 65_535;

    // The format's end conditions: the last five bytes are literals, and the last copy begins twelve bytes before the end at least.
    private const int LastLiterals = 5, LastCopy = 12;

    public override int MaxExpansion => 256;

    public override void Compress(ReadOnlySpan<byte> plain, ByteBuffer output)
    {
        var table = ArrayPool<int>.Shared.Rent(1 << TableBits);
        table.AsSpan(0, 1 << TableBits).Fill(-1);
        int literal = 0, at = 0, misses = 64;
        while (at < plain.Length - LastCopy)
        {
            uint here = BinaryPrimitives.ReadUInt32LittleEndian(plain[at..]);
            ref int place = ref table[(here * 2654435761u) >> (32 - TableBits)];
            int found = place;
            place = at;
            if (found < 0 || at - found > MaxOffset || BinaryPrimitives.ReadUInt32LittleEndian(plain[found..]) != here)
            {
                at += misses++ >> 6;
                continue;
            }

            int match = MinMatch + plain[(at + MinMatch)..^LastLiterals].CommonPrefixLength(plain[(found + MinMatch)..]);
            Sequence(plain[literal..at], at - found, match, output);
            at += match;
            (literal, misses) = (at, 64);
        }

        Sequence(plain[literal..], 0, MinMatch, output);
        ArrayPool<int>.Shared.Return(table);
    }

    public override void Decompress(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        if (!TryDecompress(packed, plain))
        {
            throw Damaged("lz4", plain.Length);
        }
    }

    /// <returns>False where it is not LZ4, or gives more or fewer bytes.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> packed, Span<byte> plain)
    {
        int from = 0, to = 0;
        while (from < packed.Length)
        {
            int token = packed[from++];
            if (!Length(packed, ref from, token >> 4, out int literals) || literals > packed.Length - from || literals > plain.Length - to)
            {
                return false;
            }

            packed.Slice(from, literals).CopyTo(plain[to..]);
            from += literals;
            to += literals;
            if (from == packed.Length)
            {
                return to == plain.Length;
            }

            if (packed.Length - from < 2)
            {
                return false;
            }

            int offset = BinaryPrimitives.ReadUInt16LittleEndian(packed[from..]);
            from += 2;
            if (!Length(packed, ref from, token & 15, out int match) || offset == 0 || offset > to || match > plain.Length - to - MinMatch)
            {
                return false;
            }

            Copy(plain, to, offset, match + MinMatch);
            to += match + MinMatch;
        }

        return packed.Length == 0 && plain.Length == 0;
    }

    private static void Copy(Span<byte> plain, int to, int offset, int length)
    {
        // What overlaps repeats: each step copies what is there by then.
        while (length > 0)
        {
            int step = Math.Min(length, offset);
            plain.Slice(to - offset, step).CopyTo(plain[to..]);
            to += step;
            length -= step;
            offset += step;
        }
    }

    private static bool Length(ReadOnlySpan<byte> packed, ref int from, int first, out int length)
    {
        length = first;
        if (first < 15)
        {
            return true;
        }

        for (; from < packed.Length && length < int.MaxValue / 2;)
        {
            byte more = packed[from++];
            length += more;
            if (more < 255)
            {
                return true;
            }
        }

        return false;
    }

    private static void Sequence(ReadOnlySpan<byte> literals, int offset, int match, ByteBuffer output)
    {
        int over = match - MinMatch;
        output.Byte((byte)((Math.Min(literals.Length, 15) << 4) | Math.Min(over, 15)));
        More(literals.Length, output);
        output.Write(literals);
        if (offset > 0)
        {
            output.Byte((byte)offset);
            output.Byte((byte)(offset >> 8));
            More(over, output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void More(int length, ByteBuffer output)
    {
        if (length >= 15)
        {
            for (length -= 15; length >= 255; length -= 255)
            {
                output.Byte(255);
            }

            output.Byte((byte)length);
        }
    }
}
