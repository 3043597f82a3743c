using CloudStore.Storage.Series.Parquet.Metadata;

namespace CloudStore.Storage.Series.Parquet.Writing;

/// <summary>A chunk's pages, ready to be written, and what the footer says of them. Places are counted from the chunk's beginning.</summary>
internal sealed class EncodedChunk : IDisposable
{
    public ByteBuffer Bytes { get; } = new(1 << 16);

    public required ColumnMetadata Metadata { get; init; }

    public OffsetIndex Offsets { get; } = new();

    /// <summary>Null where a page has values without an order: only NaN.</summary>
    public ColumnIndex? Index { get; set; } = new();

    /// <summary>As callers have it.</summary>
    public ColumnBounds Bounds { get; set; } = new(null, null, false, false, null);

    public void Dispose() => Bytes.Dispose();
}
