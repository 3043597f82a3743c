namespace CloudStore.Storage.Series.Columns;

/// <summary>What the values of a column are, and with that the type that holds one in memory.</summary>
public enum ColumnKind
{
    /// <summary><see cref="double"/>.</summary>
    Double,

    /// <summary><see cref="float"/>.</summary>
    Float,

    /// <summary><see cref="long"/>.</summary>
    Int64,

    /// <summary><see cref="int"/>.</summary>
    Int32,

    /// <summary><see cref="bool"/>.</summary>
    Boolean,

    /// <summary>UTF-8 text in a <see cref="TextColumn"/>.</summary>
    String,

    /// <summary>Bytes in a <see cref="TextColumn"/>.</summary>
    Binary,

    /// <summary><see cref="long"/>: units since 1970-01-01T00:00:00 without leap seconds; negative before.</summary>
    Timestamp,

    /// <summary><see cref="int"/>: days since 1970-01-01.</summary>
    Date,

    /// <summary><see cref="Int128"/>: the value times ten to the power of the type's scale.</summary>
    Decimal,
}
