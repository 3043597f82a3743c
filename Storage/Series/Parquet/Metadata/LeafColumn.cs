using System.Numerics;
using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>A column that has values: a leaf of the schema's tree.</summary>
internal sealed record LeafColumn
{
    /// <summary>Its position among the leaves, which is that of its chunk in each row group.</summary>
    public required int Index { get; init; }

    /// <summary>The names from below the root, with dots.</summary>
    public required string Path { get; init; }

    public required SchemaElement Element { get; init; }

    /// <summary>How many of the nodes on its path may be missing or repeat. A value is there at this definition level.</summary>
    public required int MaxDefinition { get; init; }

    /// <summary>How many of the nodes on its path repeat.</summary>
    public required int MaxRepetition { get; init; }

    /// <summary>It lies directly below the root and does not repeat: one value for each row.</summary>
    public required bool IsFlat { get; init; }

    /// <summary>What it becomes; null where <see cref="Refusal"/> says why it cannot be read.</summary>
    public ColumnType? Type { get; init; }

    public string? Refusal { get; init; }

    public PhysicalType Physical => Element.Type!.Value;

    public int DefinitionWidth => Width(MaxDefinition);

    public int RepetitionWidth => Width(MaxRepetition);

    /// <summary>The column's type, or an error that names why there is none.</summary>
    public ColumnType Required => Type ?? throw new ParquetException(Refusal!).At(column: Path);

    private static int Width(int max) => max == 0 ? 0 : BitOperations.Log2((uint)max) + 1;
}
