using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Frames;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files;

/// <summary>What compressing files of one type by one codec would save.</summary>
/// <param name="Type">The media type.</param>
/// <param name="Files">Files of that type that were looked at.</param>
/// <param name="StoredBytes">What they take now.</param>
/// <param name="Codec">The codec that makes them smallest.</param>
/// <param name="Bytes">What they would take by it, estimated from samples.</param>
public sealed record FileSaving(string Type, int Files, long StoredBytes, FileCodec Codec, long Bytes)
{
    public long Saved => Math.Max(0, StoredBytes - Bytes);
}

/// <summary>Estimates, from up to three frames of each file, what another compression would save. Nothing is changed.</summary>
public sealed class FileAnalysis(StoreContext context, RecordStore<StoredFile> store, FileService files)
{
    private const int Batch = 200;

    /// <param name="most">Files that are looked at, the largest first.</param>
    public async Task<IReadOnlyList<FileSaving>> RunAsync(int most, CancellationToken cancellationToken = default)
    {
        var codecs = Enum.GetValues<FileCodec>().Where(c => c != FileCodec.None && IsHere(c)).Select(FrameCodec.Of).ToList();
        var found = new Dictionary<string, (int Files, long Stored, long[] Bytes)>(StringComparer.Ordinal);
        var ids = await context.Set<StoredFile>().AsNoTracking().OrderByDescending(f => f.StoredSize).ThenBy(f => f.Id).Take(most).Select(f => f.Id).ToListAsync(cancellationToken);
        foreach (var some in ids.Chunk(Batch))
        {
            foreach (var id in some)
            {
                var file = await store.FindAsync(id, cancellationToken);
                var shares = await SampleAsync(file, codecs, cancellationToken);
                var (count, stored, bytes) = found.GetValueOrDefault(file.Type, (0, 0, new long[codecs.Count]));
                for (int i = 0; i < codecs.Count; i++)
                {
                    bytes[i] += (long)(file.Size * shares[i]);
                }

                found[file.Type] = (count + 1, stored + file.StoredSize, bytes);
            }
        }

        return [.. found.Select(f =>
        {
            int best = Array.IndexOf(f.Value.Bytes, f.Value.Bytes.Min());
            return new FileSaving(f.Key, f.Value.Files, f.Value.Stored, codecs[best].Kind, f.Value.Bytes[best]);
        }).OrderByDescending(s => s.Saved)];
    }

    // The share of its length that each codec leaves of a file.
    private async Task<double[]> SampleAsync(StoredFile file, List<FrameCodec> codecs, CancellationToken cancellationToken)
    {
        await using var content = await files.OpenAsync(file, noteRead: false, cancellationToken: cancellationToken);
        var (sample, packed) = (new byte[FrameIndex.FrameBytes], new byte[FrameIndex.FrameBytes]);
        var left = new long[codecs.Count];
        long read = 0, frames = FrameIndex.Count(content.Length);
        foreach (long frame in new[] { 0, frames / 2, frames - 1 }.Distinct().Where(f => f >= 0 && f < frames))
        {
            content.Position = frame << FrameIndex.FrameBits;
            int length = await content.ReadAtLeastAsync(sample, sample.Length, throwOnEndOfStream: false, cancellationToken);
            read += length;
            for (int i = 0; i < codecs.Count; i++)
            {
                left[i] += codecs[i].Compress(sample, length, packed, length) is > 0 and var bytes ? bytes : length;
            }
        }

        return [.. left.Select(l => read == 0 ? 1 : (double)l / read)];
    }

    private static bool IsHere(FileCodec codec)
    {
        try
        {
            return FrameCodec.Of(codec) is not null;
        }
        catch (ServiceDefaults.Problems.ProblemException)
        {
            return false;
        }
    }
}
