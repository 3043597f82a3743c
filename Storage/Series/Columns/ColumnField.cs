namespace CloudStore.Storage.Series.Columns;

/// <summary>A column's place in a schema: what it is called, its type, and whether values may be missing.</summary>
public sealed record ColumnField(string Name, ColumnType Type, bool IsNullable = true)
{
    public override string ToString() => $"{Name} {Type}{(IsNullable ? "" : " not null")}";
}
