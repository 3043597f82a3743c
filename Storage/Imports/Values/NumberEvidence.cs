using System.Text;

namespace CloudStore.Storage.Imports.Values;

/// <summary>What a column's values show of its decimal mark.</summary>
internal sealed class NumberEvidence(string column, bool dotMayGroup)
{
    private string? _dot;
    private string? _comma;
    private string? _likelyDot;
    private string? _ambiguous;
    private bool _ambiguousComma;
    private bool _ambiguousDot;
    private bool _plain;
    private bool _plainThousands;

    /// <summary>The mark that the values show by themselves; Unknown where they show none or both.</summary>
    public DecimalMark Shown => (_dot, _comma) switch
    {
        (not null, null) => DecimalMark.Dot,
        (null, not null) => DecimalMark.Comma,
        _ => DecimalMark.Unknown,
    };

    public void Add(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny((byte)'.', (byte)',') < 0)
        {
            if (NumberParser.IsPlainInteger(text, out long value))
            {
                _plain |= value != 0;
                _plainThousands |= value is >= 1000 or <= -1000;
            }

            return;
        }

        if (NumberParser.TryParse(text, DecimalMark.Unknown, dotMayGroup, out _, out _, out NumberFault fault))
        {
            // What is a number in one way only shows the mark.
            bool dot = NumberParser.TryParse(text, DecimalMark.Dot, out _, out _), comma = NumberParser.TryParse(text, DecimalMark.Comma, out _, out _);
            // A single dot before three digits is taken for a fraction's, but gives way to a column that shows the comma elsewhere.
            if (dot && comma) _likelyDot ??= Encoding.UTF8.GetString(text);
            else if (dot) _dot ??= Encoding.UTF8.GetString(text);
            else if (comma) _comma ??= Encoding.UTF8.GetString(text);
        }
        else if (fault == NumberFault.Ambiguous)
        {
            _ambiguous ??= Encoding.UTF8.GetString(text);
            _ambiguousComma |= text.Contains((byte)',');
            _ambiguousDot |= text.Contains((byte)'.');
        }
    }

    public DecimalMark Decide(DecimalMark common, out string? reason)
    {
        reason = null;
        if (_dot is not null && _comma is not null)
        {
            reason = $"column {column} has both {_dot}, whose decimal mark is a dot, and {_comma}, whose decimal mark is a comma";
            return DecimalMark.Unknown;
        }

        if (Shown != DecimalMark.Unknown) return Shown;
        if (_ambiguous is null) return _likelyDot is null ? DecimalMark.Unknown : DecimalMark.Dot;
        if (_ambiguousComma && (_ambiguousDot || _likelyDot is not null))
        {
            reason = $"column {column} has numbers with one dot and with one comma before three digits, such as {_ambiguous}";
            return DecimalMark.Unknown;
        }

        // Whole numbers below 1000 without a mark, none above: the mark groups thousands. Fractions would not all have three digits.
        if (_plain && !_plainThousands) return _ambiguousComma ? DecimalMark.Dot : DecimalMark.Comma;
        if (common != DecimalMark.Unknown) return common;
        reason = $"every number of column {column} that has a mark, such as {_ambiguous}, could be thousands or a fraction of three digits";
        return DecimalMark.Unknown;
    }
}
