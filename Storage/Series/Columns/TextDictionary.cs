using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace CloudStore.Storage.Series.Columns;

/// <summary>Distinct values of text in the order in which they came, found again by their bytes. For one thread.</summary>
internal sealed class TextDictionary(ColumnType type)
{
    // Of this process, so that nobody outside can make values that all fall together.
    private static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;

    private byte[] _bytes = new byte[256];
    private int[] _ends = new int[16];
    private ulong[] _hashes = new ulong[16];
    private int[] _slots = NewSlots(32);
    private int _last = -1;

    public int Count { get; private set; }

    /// <summary>The bytes of all distinct values.</summary>
    public int ByteCount => Count == 0 ? 0 : _ends[Count - 1];

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            int start = index == 0 ? 0 : _ends[index - 1];
            return _bytes.AsSpan(start, _ends[index] - start);
        }
    }

    /// <returns>The value's position, that of its first coming.</returns>
    public int Add(ReadOnlySpan<byte> value)
    {
        // Neighbours are often equal.
        if (_last >= 0 && this[_last].SequenceEqual(value))
        {
            return _last;
        }

        ulong hash = Hash(value);
        int mask = _slots.Length - 1, slot = (int)hash & mask;
        for (int found; (found = _slots[slot]) >= 0; slot = (slot + 1) & mask)
        {
            if (_hashes[found] == hash && this[found].SequenceEqual(value))
            {
                return _last = found;
            }
        }

        return _last = Insert(value, hash, slot);
    }

    /// <returns>The positions of another dictionary's values in this one.</returns>
    public int[] AddAll(TextColumn dictionary)
    {
        var places = new int[Math.Max(1, dictionary.Length)];
        for (int i = 0; i < dictionary.Length; i++)
        {
            places[i] = Add(dictionary[i]);
        }

        return places;
    }

    /// <summary>The values as a column. The dictionary is not used afterwards.</summary>
    public TextColumn Build()
    {
        var offsets = new int[Count + 1];
        _ends.AsSpan(0, Count).CopyTo(offsets.AsSpan(1));
        return new(type, offsets, _bytes.AsMemory(0, ByteCount), Validity.All(Count));
    }

    private int Insert(ReadOnlySpan<byte> value, ulong hash, int slot)
    {
        int index = Count, start = ByteCount;
        if (index == _ends.Length)
        {
            Array.Resize(ref _ends, index * 2);
            Array.Resize(ref _hashes, index * 2);
        }

        if (start + value.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(start + value.Length, (int)Math.Min(Array.MaxLength, 2L * _bytes.Length)));
        }

        value.CopyTo(_bytes.AsSpan(start));
        (_ends[index], _hashes[index], _slots[slot]) = (start + value.Length, hash, index);
        Count++;
        if (2 * (index + 1) > _slots.Length)
        {
            Grow(index + 1);
        }

        return index;
    }

    private void Grow(int count)
    {
        _slots = NewSlots(_slots.Length * 2);
        int mask = _slots.Length - 1;
        for (int i = 0; i < count; i++)
        {
            int slot = (int)_hashes[i] & mask;
            while (_slots[slot] >= 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = i;
        }
    }

    private static int[] NewSlots(int count)
    {
        var slots = new int[count];
        Array.Fill(slots, -1);
        return slots;
    }

    // Multiplication to 128 bits, folded: what wyhash and its kin build on.
    private static ulong Hash(ReadOnlySpan<byte> value)
    {
        ulong hash = Fold(Seed ^ (ulong)value.Length, 0x9E3779B97F4A7C15);
        for (; value.Length >= 8; value = value[8..])
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(value), 0xA0761D6478BD642F);
        }

        ulong rest = 0;
        for (int i = 0; i < value.Length; i++)
        {
            rest |= (ulong)value[i] << (8 * i);
        }

        return Fold(hash ^ rest, 0xE7037ED1A0B428DB);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b) => Math.BigMul(a, b, out ulong low) ^ low;
}
