using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>
/// Gives the same string for the same bytes where a column repeats its values, as platforms and channels do; of bounded size. A column whose values do not
/// repeat is not looked up, except for a sample of it now and then.
/// </summary>
internal sealed class Utf8StringCache
{
    private const int Slots = 1 << 8;
    private const int LongestKept = 64;
    private const int Sample = 512;
    private const int Rest = 16 * Sample;
    private readonly string?[] _texts = new string?[Slots];
    private readonly byte[] _bytes = new byte[Slots * LongestKept];
    private readonly byte[] _lengths = new byte[Slots];
    private int _sampled;
    private int _hits;
    private int _resting;

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (_resting > 0 || utf8.Length > LongestKept)
        {
            _resting = Math.Max(0, _resting - 1);
            return Encoding.UTF8.GetString(utf8);
        }

        int slot = Hash(utf8);
        var kept = _bytes.AsSpan(slot * LongestKept, LongestKept);
        bool hit = _texts[slot] is not null && kept[.._lengths[slot]].SequenceEqual(utf8);
        Count(hit);
        if (hit)
        {
            return _texts[slot]!;
        }

        utf8.CopyTo(kept);
        _lengths[slot] = (byte)utf8.Length;
        return _texts[slot] = Encoding.UTF8.GetString(utf8);
    }

    // A look costs about as much as the string it saves one time in four.
    private void Count(bool hit)
    {
        _hits += hit ? 1 : 0;
        if (++_sampled == Sample)
        {
            _resting = _hits < Sample / 4 ? Rest : 0;
            _sampled = _hits = 0;
        }
    }

    // Length and both ends: the values of one column differ there, and reading all of each would cost as much as making the string.
    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        ulong ends = utf8.Length >= sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64LittleEndian(utf8) ^ BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]), 23)
            : Few(utf8);
        return (int)((ends + (ulong)utf8.Length) * 0x9E3779B97F4A7C15UL >> 56);
    }

    private static ulong Few(ReadOnlySpan<byte> utf8)
    {
        ulong all = 0;
        foreach (byte b in utf8)
        {
            all = all << 8 | b;
        }

        return all;
    }
}
