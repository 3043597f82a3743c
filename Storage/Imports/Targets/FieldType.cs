namespace CloudStore.Storage.Imports.Targets;

/// <summary>How an imported field's text is read.</summary>
public enum FieldType
{
    /// <summary>Trimmed text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A decimal number; currency signs and thousands separators are understood.</summary>
    Decimal,

    /// <summary>A fraction; with a percent sign it is divided by 100.</summary>
    Ratio,

    /// <summary>A date or date-time, kept in UTC.</summary>
    Instant,

    /// <summary>A JSON document.</summary>
    Json,
}
