namespace CloudStore.Storage.Cache.Values;

/// <summary>
/// How the payload of an entry is to be read, in one byte that the shared layers keep with it: the low four bits say what it is, the others how it was compressed.
/// </summary>
internal static class ValueFormat
{
    public const byte Bytes = 0;

    /// <summary>A string in UTF-8.</summary>
    public const byte Text = 1;

    public const byte Json = 2;

    /// <summary>A 64-bit integer in decimal ASCII digits, which is JSON as well; never compressed, so that the shared layers can add to it.</summary>
    public const byte Counter = 3;

    /// <summary>Written by a serializer that the application registered.</summary>
    public const byte Custom = 4;

    /// <summary>No value; the payload is empty.</summary>
    public const byte Null = 5;

    /// <summary>The payload's length before compression (4 bytes, little-endian), then a Brotli stream (RFC 7932).</summary>
    public const byte Brotli = 0x10;

    private const byte KindMask = 0x0F;

    public static byte Kind(byte format) => (byte)(format & KindMask);
}
