namespace CloudStore.Storage.Imports.Values;

/// <summary>How one column writes its numbers and dates, as the whole file shows it. Each reason is null where it is decided or does not occur.</summary>
public sealed record ColumnDecision
{
    public DecimalMark Mark { get; init; }

    /// <summary>Why the decimal mark cannot be told.</summary>
    public string? MarkUndecided { get; init; }

    public DateOrders Orders { get; init; }

    /// <summary>Why the order of dates with slashes cannot be told.</summary>
    public string? SlashUndecided { get; init; }

    /// <summary>Why the order of dates with dashes cannot be told.</summary>
    public string? DashUndecided { get; init; }

    /// <summary>Why the order of dates with dots cannot be told.</summary>
    public string? DotUndecided { get; init; }

    /// <summary>Why the order of a date cannot be told that is written with this separator.</summary>
    public string? OrderUndecided(char separator) => separator switch
    {
        '/' => SlashUndecided,
        '-' => DashUndecided,
        _ => DotUndecided,
    };

    /// <summary>The reason that a date of this column needs its order and has none.</summary>
    public string? OrderUndecided(ReadOnlySpan<byte> date)
    {
        int at = date.IndexOfAny((byte)'/', (byte)'-', (byte)'.');
        return at < 0 ? null : OrderUndecided((char)date[at]);
    }
}

/// <summary>What a survey of a file decided, by column name. Plain data: it is kept with a job's checkpoint.</summary>
public sealed record SurveyResult(IReadOnlyDictionary<string, ColumnDecision> Columns);
