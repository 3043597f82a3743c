namespace CloudStore.Storage.Imports.Targets;

/// <summary>A field that files can fill, as callers see it.</summary>
/// <param name="Name">Its name in the API, e.g. <c>campaignId</c>.</param>
/// <param name="Type">How its text is read.</param>
/// <param name="Aliases">Other header names that mean it, in the form of <see cref="ColumnNames.Normalize"/>.</param>
/// <param name="Property">The record's property.</param>
public abstract record ImportField(string Name, FieldType Type, IReadOnlyList<string> Aliases, string Property)
{
    /// <summary>A file without a column for it is refused, and so is a row without a value.</summary>
    public bool Required { get; init; }

    /// <summary>Header names that mean the field only where the column holds dates: "day" heads dates in one export and the numbers 1 to 31 in another.</summary>
    public IReadOnlyList<string> DateAliases { get; init; } = [];

    /// <summary>Kept encrypted, and so no part of a key, which is kept in clear.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>A measured quantity; everything else tells rows apart and takes part in a derived id.</summary>
    public bool IsMeasure { get; init; }
}

/// <summary>A field with the way to set it. Exactly one of the setters is given, as <see cref="ImportField.Type"/> says.</summary>
public sealed record ImportField<T>(string Name, FieldType Type, IReadOnlyList<string> Aliases, string Property)
    : ImportField(Name, Type, Aliases, Property)
{
    internal Action<T, string>? SetText { get; private init; }

    internal Action<T, long>? SetInteger { get; private init; }

    internal Action<T, decimal>? SetDecimal { get; private init; }

    internal Action<T, DateTime>? SetInstant { get; private init; }

    /// <summary>The value as canonical text, for keys; null where the record has none.</summary>
    internal Func<T, string?> ReadText { get; private init; } = _ => null;

    internal Func<T, long?>? ReadInteger { get; private init; }

    internal Func<T, decimal?>? ReadDecimal { get; private init; }

    internal Func<T, DateTime?>? ReadInstant { get; private init; }

    public static ImportField<T> Text(string name, string property, Action<T, string> set, Func<T, string?> read, params string[] aliases) =>
        new(name, FieldType.Text, aliases, property) { SetText = set, ReadText = read };

    public static ImportField<T> Integer(string name, string property, Action<T, long> set, Func<T, long?> read, params string[] aliases) =>
        new(name, FieldType.Integer, aliases, property) { SetInteger = set, ReadInteger = read, ReadText = r => Format(read(r)), IsMeasure = true };

    public static ImportField<T> Decimal(string name, string property, Action<T, decimal> set, Func<T, decimal?> read, params string[] aliases) =>
        new(name, FieldType.Decimal, aliases, property) { SetDecimal = set, ReadDecimal = read, ReadText = r => Format(read(r)), IsMeasure = true };

    public static ImportField<T> Ratio(string name, string property, Action<T, decimal> set, Func<T, decimal?> read, params string[] aliases) =>
        new(name, FieldType.Ratio, aliases, property) { SetDecimal = set, ReadDecimal = read, ReadText = r => Format(read(r)), IsMeasure = true };

    public static ImportField<T> Instant(string name, string property, Action<T, DateTime> set, Func<T, DateTime?> read, params string[] aliases) =>
        new(name, FieldType.Instant, aliases, property) { SetInstant = set, ReadInstant = read, ReadText = r => Format(read(r)) };

    public static ImportField<T> Json(string name, string property, Action<T, string> set, Func<T, string?> read, params string[] aliases) =>
        new(name, FieldType.Json, aliases, property) { SetText = set, ReadText = read, IsMeasure = true };

    private static string? Format<TValue>(TValue? value)
        where TValue : struct, IFormattable => value switch
        {
            null => null,
            DateTime d => d.TimeOfDay == TimeSpan.Zero ? $"{d:yyyy-MM-dd}" : $"{d:yyyy-MM-ddTHH:mm:ss.FFFFFF}Z",
            decimal m => m.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture),
            _ => value.Value.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        };
}
