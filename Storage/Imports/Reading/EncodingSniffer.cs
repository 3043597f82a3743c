using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// Tells a file's encoding from its first bytes: a byte-order mark; else UTF-16 where every other byte is mostly zero; else UTF-8 where the
/// bytes are valid UTF-8; else Windows-1252. What is no text is refused with the name of what it looks like.
/// </summary>
internal static class EncodingSniffer
{
    /// <summary>Bytes that are looked at.</summary>
    public const int SampleBytes = 256 * 1024;

    // C0 controls that text files do not hold. Tab, LF, VT, FF, CR, SUB (the end mark of old systems) and ESC do occur.
    private static readonly SearchValues<byte> s_controls = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31, 127]);

    /// <param name="sample">The first <see cref="SampleBytes"/> of the content, or all of it.</param>
    /// <param name="whole">The sample is all of the content.</param>
    /// <exception cref="UnreadableFileException">The content is not text (rule <c>encoding</c>).</exception>
    public static SniffedEncoding Sniff(ReadOnlySpan<byte> sample, bool whole)
    {
        if (FileSignatures.Describe(sample) is { } kind) throw NotText(kind);
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) return RefuseNul(sample, new(TextEncoding.Utf8, 3));
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) return new(TextEncoding.Utf16LittleEndian, 2);
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) return new(TextEncoding.Utf16BigEndian, 2);
        if (sample.Contains((byte)0)) return SniffUtf16(sample);

        if (CountControls(sample) > sample.Length / 100) throw NotText("binary data");
        return new(LooksLikeUtf8(sample, whole) ? TextEncoding.Utf8 : TextEncoding.Windows1252, 0);
    }

    private static SniffedEncoding RefuseNul(ReadOnlySpan<byte> sample, SniffedEncoding found) =>
        sample.Contains((byte)0) ? throw NotText("binary data: it holds NUL bytes") : found;

    private static SniffedEncoding SniffUtf16(ReadOnlySpan<byte> sample)
    {
        int pairs = sample.Length / 2, even = 0, odd = 0, inFour = 0;
        for (int i = 0; i + 1 < sample.Length; i += 2)
        {
            if (sample[i] == 0) even++;
            if (sample[i + 1] == 0) odd++;
            if (i + 3 < sample.Length && i % 4 == 0 && sample.Slice(i, 4).Count((byte)0) == 3) inFour++;
        }

        if (inFour > pairs / 4 && pairs > 1) throw NotText("UTF-32 text");
        // Digits, separators and line ends have a zero half in every language; a character U+xx00 is rare.
        if (odd > pairs / 10 && even <= odd / 20 && IsUtf16Text(sample, Encoding.Unicode)) return new(TextEncoding.Utf16LittleEndian, 0);
        if (even > pairs / 10 && odd <= even / 20 && IsUtf16Text(sample, Encoding.BigEndianUnicode)) return new(TextEncoding.Utf16BigEndian, 0);
        throw NotText("binary data: it holds NUL bytes");
    }

    private static bool IsUtf16Text(ReadOnlySpan<byte> sample, Encoding encoding)
    {
        string text = encoding.GetString(sample[..(sample.Length & ~1)]);
        // In text of one byte a character with a stray NUL, most line feeds are a half of some other character.
        if (text.AsSpan().Count('\n') * 2 < sample.Count(LineBreaks.LineFeed)) return false;
        int bad = 0;
        foreach (char c in text)
        {
            if (c == '\uFFFD' || (c < 128 && s_controls.Contains((byte)c))) bad++;
        }

        // The sample may end within a surrogate pair.
        return bad <= 1;
    }

    /// <summary>
    /// Valid UTF-8, but for a character that the end of the sample cuts. A few bad bytes among many good multi-byte characters do not make the
    /// file Windows-1252, which would spoil all of those: the rows that hold the bad bytes are reported instead.
    /// </summary>
    private static bool LooksLikeUtf8(ReadOnlySpan<byte> sample, bool whole)
    {
        if (Utf8.IsValid(sample)) return true;
        int good = 0, bad = 0;
        while (!sample.IsEmpty)
        {
            int ascii = sample.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            if (ascii < 0) break;
            sample = sample[ascii..];
            OperationStatus status = Rune.DecodeFromUtf8(sample, out _, out int length);
            if (status == OperationStatus.NeedMoreData && !whole) break;
            if (status == OperationStatus.Done) good++;
            else bad++;
            sample = sample[length..];
        }

        return bad == 0 || good > 20 * bad;
    }

    private static int CountControls(ReadOnlySpan<byte> text)
    {
        int count = 0;
        for (int at = text.IndexOfAny(s_controls); at >= 0; at = text.IndexOfAny(s_controls))
        {
            count++;
            text = text[(at + 1)..];
        }

        return count;
    }

    private static UnreadableFileException NotText(string kind) =>
        new("encoding", $"The file is not text in UTF-8, UTF-16 or Windows-1252: it looks like {kind}.");
}
