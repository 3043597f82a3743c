using System.Collections.Concurrent;
using CloudStore.Storage.Files.Cobblestone;

namespace CloudStore.Storage.Files.Frames;

/// <summary>
/// The buffers of transfers, each for a frame with its tags and a chunk on either side, and how many a transfer may use beyond the one it works on. Many transfers at once get fewer each: their
/// memory grows with their number by two buffers, and never with their size.
/// </summary>
internal static class FrameBuffers
{
    public const int Bytes = FrameIndex.FrameBytes / CobblestoneFormat.ChunkBytes * CobblestoneFormat.SealedChunkBytes + 2 * CobblestoneFormat.SealedChunkBytes;
    private const int Kept = 48;
    private const int MostAhead = 3;
    private static readonly ConcurrentBag<byte[]> Idle = [];
    private static int _ahead = 12;

    public static byte[] Rent() => Idle.TryTake(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(Bytes);

    public static void Return(byte[] buffer)
    {
        if (Idle.Count < Kept)
        {
            Idle.Add(buffer);
        }
    }

    /// <summary>How many frames a transfer may have under way beside the one it works on: up to three of the process's twelve.</summary>
    public static int TakeAhead()
    {
        int taken = 0;
        while (taken < MostAhead && Interlocked.Decrement(ref _ahead) >= 0)
        {
            taken++;
        }

        if (taken < MostAhead)
        {
            Interlocked.Increment(ref _ahead);
        }

        return taken;
    }

    public static void ReturnAhead(int taken) => Interlocked.Add(ref _ahead, taken);
}
