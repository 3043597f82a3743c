using System.Buffers;
using System.Text;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>Least and greatest values of text, cut where they are long: the least to its beginning, the greatest to a beginning that is greater.</summary>
internal static class TextStatistic
{
    public static StatisticBytes Min(ReadOnlySpan<byte> value, int most, bool isText) =>
        value.Length <= most ? new(value.ToArray(), true) : new(Beginning(value, most, isText).ToArray(), false);

    /// <returns>Null where no beginning can be made greater.</returns>
    public static StatisticBytes? Max(ReadOnlySpan<byte> value, int most, bool isText)
    {
        if (value.Length <= most)
        {
            return new(value.ToArray(), true);
        }

        var greater = isText ? NextText(Beginning(value, most, isText)) : NextBytes(value[..most]);
        return greater is null ? null : new(greater, false);
    }

    // At the end of a character.
    private static ReadOnlySpan<byte> Beginning(ReadOnlySpan<byte> value, int most, bool isText)
    {
        int length = most;
        while (isText && length > 0 && (value[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return value[..length];
    }

    // UTF-8 is ordered as its characters are.
    private static byte[]? NextText(ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty && Rune.DecodeLastFromUtf8(value, out var last, out int length) == OperationStatus.Done)
        {
            value = value[..^length];
            int next = last.Value == 0xD7FF ? 0xE000 : last.Value + 1;
            if (Rune.TryCreate(next, out var greater))
            {
                var bytes = new byte[value.Length + greater.Utf8SequenceLength];
                value.CopyTo(bytes);
                greater.EncodeToUtf8(bytes.AsSpan(value.Length));
                return bytes;
            }
        }

        return null;
    }

    private static byte[]? NextBytes(ReadOnlySpan<byte> value)
    {
        var kept = value.TrimEnd((byte)0xFF);
        if (kept.IsEmpty)
        {
            return null;
        }

        var bytes = kept.ToArray();
        bytes[^1]++;
        return bytes;
    }
}
