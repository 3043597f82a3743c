using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Reads one leaf with its levels, over all row groups.</summary>
internal static class NestedReader
{
    public static async Task<NestedValues> ReadAsync(FileSource source, LeafColumn leaf, CancellationToken cancellationToken)
    {
        try
        {
            var chunks = source.Metadata.RowGroups.ConvertAll(g => g.Columns[leaf.Index]);
            long count = chunks.Sum(c => c.Values);
            var budget = MemoryBudget.For(source.Bytes.Length, source.Options.MaxBytes);
            budget.Take(count > long.MaxValue / 2 ? long.MaxValue : 2 * count);
            if (count > Array.MaxLength)
            {
                throw new ParquetException($"{count} values are more than one column holds");
            }

            var result = ResultColumn.Of(leaf, (int)count, source.Options.Int96Unit, budget);
            var levels = new Levels(leaf, (int)count);
            foreach (var chunk in chunks)
            {
                var work = new ChunkWork(source, leaf, chunk, result.Target((int)chunk.Values), budget, levels);
                work.TakeAll();
                await work.ReadAsync(cancellationToken);
            }

            return new NestedValues(result.Finish(), levels.DefinitionLevels, levels.RepetitionLevels, leaf.MaxDefinition, leaf.MaxRepetition);
        }
        catch (ParquetException e)
        {
            throw e.At(source.Name, leaf.Path);
        }
        catch (OverflowException e)
        {
            throw new ParquetException("its chunks' values are more than 64 bits count", e).At(source.Name, leaf.Path);
        }
    }
}
