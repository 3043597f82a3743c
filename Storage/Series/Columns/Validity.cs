using System.Numerics;

namespace CloudStore.Storage.Series.Columns;

/// <summary>Which values of a column are there: one bit each, 1 for there, the first in the lowest bit of the first word. Without bits, all are.</summary>
public readonly struct Validity
{
    private readonly ulong[]? _words;
    private readonly int _start;

    /// <param name="words">The bits; null where nothing is missing. Not copied: it must not change any more.</param>
    /// <param name="start">The bit of the first value.</param>
    public Validity(ulong[]? words, int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (words is not null)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + length, (long)words.Length * 64);
        }

        (_words, _start, Length) = (words, words is null ? 0 : start, length);
    }

    public int Length { get; }

    /// <summary>There are no bits: nothing is missing. Where there are, something may be.</summary>
    public bool IsAll => _words is null;

    public bool this[int index] => _words is null || (_words[(_start + index) >> 6] >> ((_start + index) & 63) & 1) != 0;

    public static Validity All(int length) => new(null, 0, length);

    /// <summary>Words for so many bits, all 0.</summary>
    public static ulong[] Words(int length) => new ulong[(length + 63) >> 6];

    public Validity Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + length, Length);
        return new(_words, _start + start, length);
    }

    /// <summary>How many values are missing.</summary>
    public int CountNulls()
    {
        int set = 0;
        for (int i = 0; !IsAll && i < Length; i += 64)
        {
            set += BitOperations.PopCount(Word(i));
        }

        return IsAll ? 0 : Length - set;
    }

    /// <summary>The bits of 64 values from <paramref name="index"/> on; 0 beyond the end.</summary>
    public ulong Word(int index)
    {
        int left = Length - index;
        if (left <= 0)
        {
            return 0;
        }

        ulong kept = left >= 64 ? ulong.MaxValue : (1UL << left) - 1;
        if (_words is null)
        {
            return kept;
        }

        int bit = _start + index, word = bit >> 6, shift = bit & 63;
        ulong value = _words[word] >> shift;
        if (shift != 0 && word + 1 < _words.Length)
        {
            value |= _words[word + 1] << (64 - shift);
        }

        return value & kept;
    }

    /// <summary>Copies the bits to bit <paramref name="at"/> of <paramref name="words"/>, which must hold 0 there.</summary>
    public void CopyTo(ulong[] words, int at)
    {
        for (int i = 0; i < Length; i += 64)
        {
            ulong bits = Word(i);
            int word = (at + i) >> 6, shift = (at + i) & 63;
            words[word] |= bits << shift;
            if (shift != 0 && bits >> (64 - shift) is not 0 and var rest)
            {
                words[word + 1] |= rest;
            }
        }
    }
}
