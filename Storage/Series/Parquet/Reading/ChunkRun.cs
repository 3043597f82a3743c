namespace CloudStore.Storage.Series.Parquet.Reading;

/// <summary>Reads chunks: those that lie near each other at once, and on several threads.</summary>
internal static class ChunkRun
{
    public static async Task ReadAsync(FileSource source, List<ChunkWork> chunks, CancellationToken cancellationToken)
    {
        var bundles = Bundles(chunks, source.Bytes.MergeBytes);
        int threads = source.Options.Parallelism > 0 ? source.Options.Parallelism : Environment.ProcessorCount;
        if (bundles.Count == 1 || threads == 1)
        {
            foreach (var bundle in bundles)
            {
                await ReadBundleAsync(source, bundle, cancellationToken);
            }

            return;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(bundles, parallel, (bundle, token) => ReadBundleAsync(source, bundle, token));
    }

    private static async ValueTask ReadBundleAsync(FileSource source, List<ChunkWork> bundle, CancellationToken cancellationToken)
    {
        if (bundle.Count == 1 && bundle[0].End - bundle[0].Start > source.Bytes.MergeBytes)
        {
            await bundle[0].ReadAsync(cancellationToken);
            return;
        }

        long start = bundle[0].Start;
        int length = (int)(bundle.Max(c => c.End) - start);
        using var bytes = new Pooled<byte>(length);
        await source.Bytes.ReadAsync(start, bytes.Array.AsMemory(0, length), cancellationToken);
        bundle.ForEach(c => c.Decode(bytes.Span, start));
    }

    private static List<List<ChunkWork>> Bundles(List<ChunkWork> chunks, int most)
    {
        List<List<ChunkWork>> bundles = [];
        long end = 0;
        foreach (var chunk in chunks.OrderBy(c => c.Start))
        {
            end = Math.Max(end, chunk.End);
            if (bundles.Count > 0 && end - bundles[^1][0].Start <= most)
            {
                bundles[^1].Add(chunk);
            }
            else
            {
                bundles.Add([chunk]);
                end = chunk.End;
            }
        }

        return bundles;
    }
}
