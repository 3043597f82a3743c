using System.Numerics;
using CloudStore.Storage.Series.Parquet.Encodings;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>The definition and repetition levels of a nested column, for those who put its rows together.</summary>
internal sealed class Levels(LeafColumn leaf, int count)
{
    private int _repetitions, _definitions;

    public byte[] RepetitionLevels { get; } = new byte[count];

    public byte[] DefinitionLevels { get; } = new byte[count];

    public void Repetition(ReadOnlySpan<byte> data, ParquetEncoding encoding, int values)
    {
        if (leaf.MaxRepetition > 0)
        {
            Read(data, encoding, leaf.RepetitionWidth, leaf.MaxRepetition, RepetitionLevels.AsSpan(_repetitions, values));
        }

        _repetitions += values;
    }

    /// <summary>Which values are there.</summary>
    /// <param name="bits">Zeros, which become 1 where a value is.</param>
    /// <param name="keep">Takes the levels; null where only the bits matter.</param>
    /// <returns>How many are there.</returns>
    public static int Bits(ReadOnlySpan<byte> data, ParquetEncoding encoding, LeafColumn leaf, int count, ulong[] bits, Levels? keep)
    {
        if (leaf.MaxDefinition == 1 && encoding == ParquetEncoding.Rle && keep is null)
        {
            return new HybridReader(data, 1).ReadBits(bits, count);
        }

        using var levels = new Pooled<byte>(count);
        Read(data, encoding, leaf.DefinitionWidth, leaf.MaxDefinition, levels.Span);
        int valid = 0;
        for (int i = 0; i < count; i++)
        {
            if (levels.Span[i] == leaf.MaxDefinition)
            {
                bits[i >> 6] |= 1UL << (i & 63);
                valid++;
            }
        }

        if (keep is not null)
        {
            levels.Span.CopyTo(keep.DefinitionLevels.AsSpan(keep._definitions));
            keep._definitions += count;
        }

        return valid;
    }

    private static void Read(ReadOnlySpan<byte> data, ParquetEncoding encoding, int width, int max, Span<byte> target)
    {
        using var wide = new Pooled<int>(target.Length);
        switch (encoding)
        {
            case ParquetEncoding.Rle:
                new HybridReader(data, width).Read(wide.Span, max + 1);
                break;
            case ParquetEncoding.BitPacked:
                ReadPacked(data, width, max, wide.Span);
                break;
            default:
                throw new ParquetException($"the page's levels are encoded as {encoding}, which levels are not");
        }

        for (int i = 0; i < target.Length; i++)
        {
            target[i] = (byte)wide.Span[i];
        }
    }

    // Of old files: the highest bit first.
    private static void ReadPacked(ReadOnlySpan<byte> data, int width, int max, Span<int> target)
    {
        long bit = 0;
        for (int i = 0; i < target.Length; i++)
        {
            int level = 0;
            for (int b = 0; b < width; b++, bit++)
            {
                level = (level << 1) | (data[(int)(bit >> 3)] >> (7 - (int)(bit & 7)) & 1);
            }

            target[i] = level <= max ? level : throw new ParquetException($"a level is {level}, and {max} is the highest of the column");
        }
    }
}
