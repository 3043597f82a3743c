using System.IO.Compression;
using System.Text;
using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Tests.Imports.Reading;

/// <summary>A row as a test compares it: null fields are null, the rest is kind and text.</summary>
internal sealed record Row(long Line, long Offset, string? Rule, string Raw, string?[] Fields)
{
    public override string ToString() => $"{Line}@{Offset} {Rule} [{string.Join('|', Fields.Select(f => f ?? "∅"))}]";
}

/// <summary>Reads a whole file into rows.</summary>
internal static class ReadRows
{
    public static readonly ReadOptions Defaults = new();

    public static Task<(RowReader Reader, List<Row> Rows)> AllAsync(string text, ReadOptions? options = null, int chunk = int.MaxValue) =>
        AllAsync(Encoding.UTF8.GetBytes(text), options, chunk);

    public static async Task<(RowReader Reader, List<Row> Rows)> AllAsync(
        byte[] file, ReadOptions? options = null, int chunk = int.MaxValue, ReaderPosition? resume = null, bool seekable = false)
    {
        await using RowReader reader = await OpenAsync(file, options, chunk, resume, seekable);
        var rows = new List<Row>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(Current(reader));
        return (reader, rows);
    }

    public static Task<RowReader> OpenAsync(
        byte[] file, ReadOptions? options = null, int chunk = int.MaxValue, ReaderPosition? resume = null, bool seekable = false)
    {
        Stream stream = seekable ? new MemoryStream(file) : new TrickleStream(file, chunk);
        return RowReaders.OpenAsync(_ => new(stream), file.Length, options ?? Defaults, resume, TestContext.Current.CancellationToken);
    }

    public static Row Current(RowReader reader) => new(
        reader.Line,
        reader.Offset,
        reader.Fault?.Rule,
        Encoding.UTF8.GetString(reader.Raw),
        [.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.KindOf(i) == FieldKind.Null ? null : Encoding.UTF8.GetString(reader.Field(i)))]);

    public static async Task<UnreadableFileException> RefusedAsync(byte[] file, ReadOptions? options = null) =>
        await Assert.ThrowsAsync<UnreadableFileException>(() => AllAsync(file, options));

    public static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest)) gzip.Write(content);
        return target.ToArray();
    }

    /// <summary>Rows without the faulty ones, fields joined by a bar.</summary>
    public static string[] Good(List<Row> rows) => [.. rows.Where(r => r.Rule is null).Select(r => string.Join('|', r.Fields.Select(f => f ?? "∅")))];
}

/// <summary>A source that cannot seek and gives a few bytes at a time.</summary>
internal sealed class TrickleStream(byte[] content, int most, int seed = 1) : Stream
{
    private readonly Random _random = new(seed);
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, content.Length - _at);
        if (most < int.MaxValue) count = Math.Min(count, _random.Next(1, most + 1));
        content.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A file of one repeated piece between a head and a tail, made while it is read: nothing of it is kept.</summary>
internal sealed class RepeatedStream(byte[] head, byte piece, long count, byte[] tail) : Stream
{
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => head.Length + count + tail.Length;

    public override long Position { get => _at; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int length = (int)Math.Min(buffer.Length, Length - _at);
        for (int i = 0; i < length; i++, _at++)
            buffer[i] = _at < head.Length ? head[_at] : _at < head.Length + count ? piece : tail[_at - head.Length - count];
        return length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
