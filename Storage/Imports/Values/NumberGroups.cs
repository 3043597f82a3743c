namespace CloudStore.Storage.Imports.Values;

/// <summary>Tells which marks of a number group its digits and which one parts the fraction, and writes it plainly.</summary>
internal static class NumberGroups
{
    /// <summary>A mark that only ever groups: apostrophe or a space of any kind.</summary>
    private const byte PureSeparator = (byte)'\'';

    /// <param name="digits">Digits, marks and perhaps an exponent.</param>
    /// <param name="plain">Receives digits, at most one dot, and the exponent.</param>
    public static NumberFault Normalize(ReadOnlySpan<byte> digits, DecimalMark mark, bool dotMayGroup, Span<byte> plain, out int length)
    {
        length = 0;
        int end = digits.IndexOfAny((byte)'e', (byte)'E');
        ReadOnlySpan<byte> exponent = end < 0 ? default : digits[end..];
        if (!IsExponent(exponent)) return NumberFault.NotANumber;
        Span<byte> body = stackalloc byte[digits.Length];
        if (!Simplify(end < 0 ? digits : digits[..end], body, out int size)) return NumberFault.NotANumber;
        body = body[..size];
        if (!body.ContainsAnyInRange((byte)'0', (byte)'9')) return NumberFault.NotANumber;

        NumberFault fault = FindPoint(body, mark, dotMayGroup, out int point);
        if (fault != NumberFault.None) return fault;
        if (!WholePartIsGrouped(body[..point]) || body[Math.Min(point + 1, size)..].ContainsAnyExceptInRange((byte)'0', (byte)'9')) return NumberFault.Grouping;
        for (int i = 0; i < size; i++)
        {
            if (i == point) plain[length++] = (byte)'.';
            else if (body[i] is >= (byte)'0' and <= (byte)'9') plain[length++] = body[i];
        }

        exponent.CopyTo(plain[length..]);
        length += exponent.Length;
        return NumberFault.None;
    }

    /// <summary>Apostrophes and spaces of all kinds become one sign. False for anything that is no digit and no mark.</summary>
    private static bool Simplify(ReadOnlySpan<byte> text, Span<byte> body, out int length)
    {
        length = 0;
        while (!text.IsEmpty)
        {
            byte b = text[0];
            int taken = 1;
            if (b is not ((>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)','))
            {
                taken = b == (byte)'\'' ? 1 : text.StartsWith("\u2019"u8) ? 3 : NumberText.SpaceAt(text);
                if (taken == 0) return false;
                b = PureSeparator;
            }

            body[length++] = b;
            text = text[taken..];
        }

        return true;
    }

    /// <param name="point">Where the decimal mark is; the length where there is none.</param>
    private static NumberFault FindPoint(ReadOnlySpan<byte> body, DecimalMark mark, bool dotMayGroup, out int point)
    {
        point = body.Length;
        int dots = body.Count((byte)'.'), commas = body.Count((byte)',');
        if (dots + commas == 0) return NumberFault.None;
        if (mark != DecimalMark.Unknown)
        {
            int at = body.IndexOf(mark == DecimalMark.Dot ? (byte)'.' : (byte)',');
            if (at >= 0) point = at;
            return NumberFault.None;
        }

        if (dots > 0 && commas > 0)
        {
            // The one that comes last parts the fraction, and then there is only one of it.
            point = Math.Max(body.LastIndexOf((byte)'.'), body.LastIndexOf((byte)','));
            return body.Count(body[point]) == 1 ? NumberFault.None : NumberFault.Grouping;
        }

        if (dots + commas > 1) return NumberFault.None;
        point = body.IndexOfAny((byte)'.', (byte)',');
        return (commas == 1 || dotMayGroup) && CouldGroup(body, point) ? NumberFault.Ambiguous : NumberFault.None;
    }

    /// <summary>One to three digits that do not start with zero, the mark, exactly three digits: thousands or a fraction.</summary>
    private static bool CouldGroup(ReadOnlySpan<byte> body, int point) =>
        point is >= 1 and <= 3 && body[0] != (byte)'0' && body.Length - point - 1 == 3 && !body.Contains(PureSeparator);

    /// <summary>Either no separators, or groups of three, or Indian groups: two digits each and three in the last.</summary>
    private static bool WholePartIsGrouped(ReadOnlySpan<byte> whole)
    {
        int first = whole.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (first < 0) return true;
        byte separator = whole[first];
        if (first is 0 or > 3 || whole[0] == (byte)'0' || whole.Length < 4 || whole[^4] != separator) return false;
        bool threes = true, twos = first <= 2;
        int group = 0;
        ReadOnlySpan<byte> middle = whole[first..^3];
        for (int i = 1; i < middle.Length; i++)
        {
            if (middle[i] != separator)
            {
                if (middle[i] is < (byte)'0' or > (byte)'9') return false;
                group++;
                continue;
            }

            threes &= group == 3;
            twos &= group == 2;
            group = 0;
        }

        return (threes || twos) && !whole[^3..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static bool IsExponent(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return true;
        text = text[1..];
        if (text is [(byte)'+' or (byte)'-', ..]) text = text[1..];
        return !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
