namespace CloudStore.Storage.Cache.Shared;

/// <summary>Positions rise across generations: the generation is their upper part, the place in its log the lower 32 bits.</summary>
internal static class Positions
{
    private const int SequenceBits = 32;

    /// <summary>A generation whose log is this long is followed by another.</summary>
    public const long LastSequence = (1L << SequenceBits) - (1L << 24);

    public static long Of(long generation, long sequence) => (generation << SequenceBits) | sequence;

    public static long Generation(long position) => position >> SequenceBits;

    public static long Sequence(long position) => position & ((1L << SequenceBits) - 1);

    /// <summary>The lowest generation that may begin at an instant: seconds since 2024, so that a store that has forgotten everything gives none again.</summary>
    /// <param name="now">Milliseconds since 1970.</param>
    public static long FirstGeneration(long now) => Math.Max(1, now / 1000 - 1_704_067_200);
}
