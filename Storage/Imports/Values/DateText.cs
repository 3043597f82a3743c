using System.Text;

namespace CloudStore.Storage.Imports.Values;

/// <summary>Takes a date's parts off the front of a text: numbers, names, time of day, offset.</summary>
internal ref struct DateText(ReadOnlySpan<byte> text)
{
    private static readonly string[] s_months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    private static readonly string[] s_days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    public ReadOnlySpan<byte> Rest { get; private set; } = text;

    public readonly bool AtEnd => Rest.IsEmpty;

    public readonly byte Next => Rest.IsEmpty ? (byte)0 : Rest[0];

    public readonly bool AtDigit => Next is >= (byte)'0' and <= (byte)'9';

    public readonly bool AtLetter => (Next | 0x20) is >= 'a' and <= 'z';

    public bool Take(byte b)
    {
        if (Next != b || Rest.IsEmpty) return false;
        Rest = Rest[1..];
        return true;
    }

    public bool TakeSpaces()
    {
        int length = Rest.Length;
        Rest = Rest.TrimStart((byte)' ');
        return Rest.Length != length;
    }

    /// <summary>Takes a run of digits, at most so many. Gives their count; 0 where there is none.</summary>
    public int TakeNumber(int most, out int value)
    {
        value = 0;
        int count = 0;
        while (count < most && count < Rest.Length && Rest[count] is >= (byte)'0' and <= (byte)'9') value = (value * 10) + Rest[count++] - '0';
        Rest = Rest[count..];
        return count;
    }

    /// <summary>Takes an English month name, in full or its first three letters (Sept too). Gives 1 to 12, or 0.</summary>
    public int TakeMonth() => TakeName(s_months);

    /// <summary>Takes an English name of a weekday, in full or its first three letters.</summary>
    public bool TakeWeekday() => TakeName(s_days) > 0;

    /// <summary>Takes AM or PM, with or without dots. 0 where there is none, else 1 or 2.</summary>
    public int TakeHalfDay()
    {
        int half = Next switch { (byte)'a' or (byte)'A' => 1, (byte)'p' or (byte)'P' => 2, _ => 0 };
        if (half == 0) return 0;
        ReadOnlySpan<byte> after = Rest[1..];
        bool dots = after is [(byte)'.', ..];
        if (dots) after = after[1..];
        if (after is not [(byte)'m' or (byte)'M', ..]) return 0;
        after = after[1..];
        if (dots && after is [(byte)'.', ..]) after = after[1..];
        Rest = after;
        return half;
    }

    /// <summary>
    /// Takes <c>Z</c>, <c>UTC</c>, <c>GMT</c>, <c>+hh</c>, <c>+hhmm</c> or <c>+hh:mm</c>. False where there is none; <paramref name="valid"/> false where it is wrong.
    /// </summary>
    public bool TakeOffset(out TimeSpan offset, out bool valid)
    {
        offset = TimeSpan.Zero;
        valid = true;
        if (Take((byte)'Z') || Take((byte)'z')) return true;
        if (Rest.Length >= 3 && (Ascii.EqualsIgnoreCase(Rest[..3], "utc"u8) || Ascii.EqualsIgnoreCase(Rest[..3], "gmt"u8)))
        {
            Rest = Rest[3..];
            return true;
        }

        bool west = Next == (byte)'-';
        if (!Take((byte)'+') && !Take((byte)'-')) return false;
        valid = TakeNumber(2, out int hours) == 2;
        int minutes = 0;
        if (Take((byte)':') || AtDigit) valid &= TakeNumber(2, out minutes) == 2;
        // The widest offsets in use are -12:00 and +14:00.
        valid &= hours <= 14 && minutes <= 59;
        offset = new TimeSpan(hours, minutes, 0);
        if (west) offset = -offset;
        return true;
    }

    private int TakeName(string[] names)
    {
        int length = 0;
        while (length < Rest.Length && (Rest[length] | 0x20) is >= 'a' and <= 'z') length++;
        if (length < 3) return 0;
        for (int i = 0; i < names.Length; i++)
        {
            string name = names[i];
            bool whole = length == name.Length, cut = length == 3 || (length == 4 && (i == 8 || names.Length == 7));
            if ((!whole && !cut) || !Ascii.EqualsIgnoreCase(Rest[..length], name.AsSpan(0, length))) continue;
            Rest = Rest[length..];
            if (!whole) Take((byte)'.');
            return i + 1;
        }

        return 0;
    }
}
