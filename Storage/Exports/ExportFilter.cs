namespace CloudStore.Storage.Exports;

/// <summary>A parameter that narrows down what is exported; the area's list has one of the same name that means the same.</summary>
/// <param name="Name">As in the query.</param>
/// <param name="Description">What it asks for.</param>
/// <param name="IsPersonal">Its value names a person: the audit says that it was given, not what it was.</param>
/// <param name="Kind">What its value is.</param>
public sealed record ExportFilter(string Name, string Description, bool IsPersonal = false, FilterKind Kind = FilterKind.Text)
{
    /// <summary>The two that every list of dated records has.</summary>
    public static IReadOnlyList<ExportFilter> Dates { get; } =
    [
        new("from", "A day or an instant, inclusive; UTC where it has no offset."),
        new("to", "A day, which is included, or an instant, which is not."),
    ];
}

/// <summary>What the value of a filter is.</summary>
public enum FilterKind
{
    Text,

    /// <summary>Text that may be given several times.</summary>
    Texts,

    Whole,

    Flag,
}
