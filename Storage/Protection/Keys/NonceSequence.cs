using System.Security.Cryptography;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// Nonces of 96 bits that do not repeat under a key: 72 random bits, drawn once for 2^24 nonces, and a counter. Two sequences collide when their random parts do;
/// after 2^20 draws under one key the chance of that is 2^-33, which is what NIST SP 800-38D asks for (at most 2^-32). A key is retired at that number of draws, which
/// is up to 2^44 values; wholly random nonces would allow 2^32. Not for several threads at once.
/// </summary>
internal sealed class NonceSequence
{
    public const int NonceBytes = 12;

    /// <summary>Draws after which a key is retired.</summary>
    public const long MostPrefixes = 1 << 20;

    private const int PrefixBytes = 9;
    private const int PerPrefix = 1 << 24;
    private readonly byte[] _nonce = new byte[NonceBytes];
    private readonly Action _drawn;
    private int _left;

    /// <param name="drawn">Told of each random prefix.</param>
    public NonceSequence(Action drawn) => _drawn = drawn;

    public void Next(Span<byte> nonce)
    {
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(_nonce.AsSpan(0, PrefixBytes));
            _left = PerPrefix;
            _drawn();
        }

        uint counter = (uint)--_left;
        _nonce.CopyTo(nonce);
        nonce[11] = (byte)counter;
        nonce[10] = (byte)(counter >> 8);
        nonce[9] = (byte)(counter >> 16);
    }
}
