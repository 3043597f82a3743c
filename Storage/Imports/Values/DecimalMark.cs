namespace CloudStore.Storage.Imports.Values;

/// <summary>The character between a number's whole and fractional part, as a column writes it.</summary>
public enum DecimalMark
{
    /// <summary>To be told from each value by itself, where it can be.</summary>
    Unknown,

    /// <summary>1,234.50</summary>
    Dot,

    /// <summary>1.234,50</summary>
    Comma,
}

/// <summary>Why a text was not taken as a number.</summary>
public enum NumberFault
{
    None,

    /// <summary>Nothing but white space.</summary>
    Empty,

    /// <summary>Text, or signs and digits in no known order.</summary>
    NotANumber,

    /// <summary>NaN or an infinity.</summary>
    NotFinite,

    /// <summary>A number beyond what decimal holds (about 7.9e28).</summary>
    OutOfRange,

    /// <summary>Digits are not in groups of three (or Indian groups of two before the last three), or the marks contradict the column's.</summary>
    Grouping,

    /// <summary>One mark followed by three digits: it could group thousands or part the fraction. Needs a <see cref="DecimalMark"/>.</summary>
    Ambiguous,
}

/// <summary>The faults in words.</summary>
public static class NumberFaults
{
    public static string Reason(NumberFault fault) => fault switch
    {
        NumberFault.Empty => "is empty where a number is expected",
        NumberFault.NotFinite => "is not a finite number",
        NumberFault.OutOfRange => "is out of range: numbers up to 79228162514264337593543950335 are accepted",
        NumberFault.Grouping => "has its thousands separators or its decimal mark where they cannot be",
        NumberFault.Ambiguous => "could be read as thousands or as a decimal fraction",
        NumberFault.NotANumber => "is not a number",
        _ => "is a number",
    };
}
