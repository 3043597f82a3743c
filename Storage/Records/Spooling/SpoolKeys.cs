using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Protection.Keys;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>
/// Wraps the files' keys by the master key, whose id stands before it (its length in one byte). Data keys are no help here: they are in the database that is away.
/// </summary>
internal sealed class SpoolKeys(MasterKeys masters) : ISpoolKeys
{
    private const int KeyBytes = 32;

    private static ReadOnlySpan<byte> Context => "CloudStore spool"u8;

    public byte[] Wrap(byte[] key)
    {
        var master = masters.Known[0];
        var id = Encoding.UTF8.GetBytes(master.Id);
        return [(byte)id.Length, .. id, .. master.Wrap(key, Context)];
    }

    public byte[] Unwrap(byte[] wrapped)
    {
        int length = wrapped.Length == 0 ? 0 : wrapped[0];
        if (wrapped.Length <= 1 + length)
        {
            throw new CryptographicException("The wrapped key has not the form of one.");
        }

        var id = Encoding.UTF8.GetString(wrapped, 1, length);
        var master = masters.Find(id) ?? throw new CryptographicException($"It was wrapped by the master key {id}, which this process has not got (Protection:PreviousMasterKey).");
        var key = new byte[KeyBytes];
        master.Unwrap(wrapped.AsSpan(1 + length), Context, key);
        return key;
    }

    public bool IsPresent(ReadOnlySpan<byte> wrapped)
    {
        var id = Encoding.UTF8.GetBytes(masters.Known[0].Id);
        return wrapped.Length > 0 && wrapped[0] == id.Length && wrapped[1..].StartsWith(id);
    }
}
