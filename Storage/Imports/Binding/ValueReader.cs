using System.Text;
using CloudStore.Storage.Imports.Values;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>How a value turned out.</summary>
internal enum ValueOutcome
{
    Good,

    /// <summary>There is no value: nothing, or one of the ways to write nothing.</summary>
    Missing,
    Bad,
    NeedsSurvey,
}

/// <summary>Reads numbers and instants of one column by what is known of the column.</summary>
internal struct ValueReader(DateFormat? dateFormat, bool dotMayGroup)
{
    public ColumnDecision? Decision { get; set; }

    /// <summary>Why the last value was bad.</summary>
    public string? Reason { get; private set; }

    /// <summary>The ways exports write "no value" in columns of numbers and dates.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> text) => (text = NumberText.Trim(text)).IsEmpty
        || (text.Length <= 4 && (text.SequenceEqual("-"u8) || text.SequenceEqual("--"u8) || text.SequenceEqual("N/A"u8) || text.SequenceEqual("#N/A"u8)
            || text.SequenceEqual("NA"u8) || text.SequenceEqual("n/a"u8) || text.SequenceEqual("null"u8) || text.SequenceEqual("NULL"u8) || text.SequenceEqual("None"u8)
            || Ascii.EqualsIgnoreCase(text, "nil"u8) || Ascii.EqualsIgnoreCase(text, "nill"u8)));

    public ValueOutcome Integer(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (!NumberParser.TryParse(text, Decision?.Mark ?? DecimalMark.Unknown, dotMayGroup, out var number, out _, out var fault))
        {
            // A whole number has no fraction to part: a lone mark before three digits groups thousands.
            if (fault != NumberFault.Ambiguous || !NumberParser.TryParse(text, text.Contains((byte)',') ? DecimalMark.Dot : DecimalMark.Comma, out number, out fault))
            {
                return Fault(text, fault);
            }
        }

        if (decimal.Truncate(number) != number)
        {
            return Bad("is not a whole number");
        }

        if (number is < long.MinValue or > long.MaxValue)
        {
            return Bad("is out of range");
        }

        value = (long)number;
        return ValueOutcome.Good;
    }

    public ValueOutcome Decimal(ReadOnlySpan<byte> text, bool ratio, out decimal value)
    {
        if (NumberParser.TryParse(text, Decision?.Mark ?? DecimalMark.Unknown, dotMayGroup, out value, out bool percent, out var fault))
        {
            if (percent && !ratio)
            {
                return Bad("is a percentage, where an amount is expected");
            }

            value = percent ? value / 100 : value;
            return ValueOutcome.Good;
        }

        return fault == NumberFault.Ambiguous && Decision is null ? ValueOutcome.NeedsSurvey : Fault(text, fault);
    }

    public ValueOutcome Instant(ReadOnlySpan<byte> text, out DateTime value)
    {
        bool good = dateFormat is not null
            ? dateFormat.TryParse(text, out value, out var fault)
            : DateParser.TryParse(text, Decision?.Orders ?? default, out value, out fault);
        if (good)
        {
            return ValueOutcome.Good;
        }

        if (fault == DateFault.NeedsOrder && Decision is null)
        {
            return ValueOutcome.NeedsSurvey;
        }

        return fault == DateFault.Empty ? ValueOutcome.Missing
            : Bad(dateFormat is null ? DateFaults.Reason(fault) : $"{DateFaults.Reason(fault)} in the format {dateFormat.Text}");
    }

    private ValueOutcome Fault(ReadOnlySpan<byte> text, NumberFault fault) =>
        fault == NumberFault.Empty || IsMissing(text) ? ValueOutcome.Missing : Bad(NumberFaults.Reason(fault));

    private ValueOutcome Bad(string reason)
    {
        Reason = reason;
        return ValueOutcome.Bad;
    }
}
