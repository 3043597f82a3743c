namespace CloudStore.Storage.Protection.Fields;

/// <summary>Where things stand in a token: <c>version(1) | key id(16) | nonce(12) | ciphertext | tag(16)</c>; one in clear is <c>0 | values</c>.</summary>
internal static class FieldToken
{
    /// <summary>Values in clear: written only where protection is turned off.</summary>
    public const byte Clear = 0;

    /// <summary>AES-256-GCM under a data key.</summary>
    public const byte Version = 1;

    public const int KeyIdAt = 1;
    public const int NonceAt = KeyIdAt + 16;
    public const int CiphertextAt = NonceAt + 12;
    public const int TagBytes = 16;

    /// <summary>What a token is longer than the values in it.</summary>
    public const int Overhead = CiphertextAt + TagBytes;

    public static bool IsClear(ReadOnlySpan<byte> token) => token.Length > 1 && token[0] == Clear;

    /// <summary>True for a token of this form; whether it is genuine, decrypting tells.</summary>
    public static bool IsEncrypted(ReadOnlySpan<byte> token) => token.Length > Overhead && token[0] == Version;

    public static Guid KeyId(ReadOnlySpan<byte> token) => new(token.Slice(KeyIdAt, 16), bigEndian: true);
}
