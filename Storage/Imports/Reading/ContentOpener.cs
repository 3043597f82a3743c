namespace CloudStore.Storage.Imports.Reading;

/// <summary>Puts the decoding streams on top of a source: decompression and conversion to UTF-8, as its first bytes call for.</summary>
internal static class ContentOpener
{
    /// <returns>The content in UTF-8 without its byte-order mark; its stored encoding; whether the source is that content byte for byte.</returns>
    public static async Task<(Stream Content, SniffedEncoding Encoding, bool Plain)> OpenAsync(
        CountingStream source, ReadOptions options, CancellationToken cancellationToken)
    {
        byte[] head = await ReadHeadAsync(source, cancellationToken);
        Stream stored = source;
        bool gzip = FileSignatures.IsGzip(head);
        if (gzip)
        {
            stored = new GunzipStream(new PrefixedStream(head, source), source, options);
            head = await ReadHeadAsync(stored, cancellationToken);
        }

        if (head.Length == 0) throw new UnreadableFileException("empty", "The file holds nothing.");
        SniffedEncoding encoding = EncodingSniffer.Sniff(head, head.Length < EncodingSniffer.SampleBytes);
        Stream content = new PrefixedStream(head.AsMemory(encoding.PreambleLength), stored);
        bool utf8 = encoding.Encoding == TextEncoding.Utf8;
        return (utf8 ? content : new TranscodingStream(content, encoding.Encoding), encoding, utf8 && !gzip);
    }

    private static async Task<byte[]> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] head = new byte[EncodingSniffer.SampleBytes];
        int length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return length == head.Length ? head : head[..length];
    }
}
