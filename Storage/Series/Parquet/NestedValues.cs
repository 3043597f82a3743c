using CloudStore.Storage.Series.Columns;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>The values of a leaf of a nested column, and the levels that tell how they belong together (Dremel's; see Nested Encoding in parquet-format's README).</summary>
/// <param name="Values">A value, or a missing one, for each level.</param>
/// <param name="DefinitionLevels">How many of the nodes on its path that may be missing are there.</param>
/// <param name="RepetitionLevels">At which of the repeated nodes on its path it begins anew; 0 begins a row.</param>
/// <param name="MaxDefinition">The level at which a value is there.</param>
/// <param name="MaxRepetition">How many nodes on its path repeat.</param>
public sealed record NestedValues(Column Values, IReadOnlyList<byte> DefinitionLevels, IReadOnlyList<byte> RepetitionLevels, int MaxDefinition, int MaxRepetition);
