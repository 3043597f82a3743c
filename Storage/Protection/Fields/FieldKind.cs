namespace CloudStore.Storage.Protection.Fields;

/// <summary>What kind of value an encoded field is; the numbers are stored and never change.</summary>
internal enum FieldKind
{
    Null = 0,
    False = 1,
    True = 2,
    Integer = 3,
    Decimal = 4,
    Double = 5,
    Instant = 6,
    Uuid = 7,
    Text = 8,
    Bytes = 9,
    Json = 10,

    /// <summary>A whole number that was of 32 bits, where the reader does not know; four bytes follow.</summary>
    Int32 = 11,
}
