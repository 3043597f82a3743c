namespace CloudStore.Storage.Imports.Reading;

/// <summary>The encodings that text files are read in.</summary>
internal enum TextEncoding
{
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
    Windows1252,
}

/// <summary>What a file's first bytes say about its encoding.</summary>
/// <param name="PreambleLength">Bytes of the byte-order mark, which is not content.</param>
internal readonly record struct SniffedEncoding(TextEncoding Encoding, int PreambleLength)
{
    /// <summary>The encoding's name as registered with IANA, in lower case.</summary>
    public string Name => Encoding switch
    {
        TextEncoding.Utf16LittleEndian => "utf-16le",
        TextEncoding.Utf16BigEndian => "utf-16be",
        TextEncoding.Windows1252 => "windows-1252",
        _ => "utf-8",
    };
}
