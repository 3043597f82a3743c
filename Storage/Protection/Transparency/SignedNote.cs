using System.Security.Cryptography;
using System.Text;

namespace CloudStore.Storage.Protection.Transparency;

/// <summary>Signs notes (c2sp.org/signed-note) with ECDSA over P-256 and SHA-256, the signature type 0x02; its signatures are in ASN.1 DER.</summary>
public sealed class NoteSigner : IDisposable
{
    private readonly ECDsa _key;

    /// <param name="name">The key's name: no spaces, no plus sign.</param>
    /// <param name="pkcs8">The private key.</param>
    public NoteSigner(string name, byte[] pkcs8)
    {
        _key = ECDsa.Create();
        _key.ImportPkcs8PrivateKey(pkcs8, out _);
        Verifier = new NoteVerifier(name, _key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Checks what this signs.</summary>
    public NoteVerifier Verifier { get; }

    /// <param name="text">Ends with a newline.</param>
    public string Sign(string text)
    {
        var signature = _key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return $"{text}\n\u2014 {Verifier.Name} {Convert.ToBase64String([.. Verifier.KeyId, .. signature])}\n";
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>Checks signed notes with the public key of one signer.</summary>
public sealed class NoteVerifier
{
    private const byte Ecdsa = 2;
    private readonly byte[] _publicKey;

    /// <param name="name">The key's name.</param>
    /// <param name="publicKey">DER, SubjectPublicKeyInfo.</param>
    public NoteVerifier(string name, byte[] publicKey)
    {
        if (!IsName(name))
        {
            throw new ArgumentException($"'{name}' cannot name a log: it is empty or has a space or a plus sign.", nameof(name));
        }

        (Name, _publicKey) = (name, publicKey);
        // For this type of signature the name is not part of what is hashed.
        KeyId = SHA256.HashData(publicKey)[..4];
    }

    public string Name { get; }

    public byte[] KeyId { get; }

    /// <summary>The key in the form that verifiers are given: name, key id, type and public key.</summary>
    public string Vkey => $"{Name}+{Convert.ToHexStringLower(KeyId)}+{Convert.ToBase64String([Ecdsa, .. _publicKey])}";

    public static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    /// <exception cref="FormatException">Not a key of the form that <see cref="Vkey"/> gives.</exception>
    public static NoteVerifier Parse(string vkey)
    {
        var parts = vkey.Trim().Split('+', 3);
        var key = parts.Length == 3 ? Convert.FromBase64String(parts[2]) : [];
        if (key.Length < 2 || key[0] != Ecdsa)
        {
            throw new FormatException("This is no verifier key of an ECDSA signer (name+id+key).");
        }

        var verifier = new NoteVerifier(parts[0], key[1..]);
        return Convert.ToHexStringLower(verifier.KeyId) == parts[1] ? verifier : throw new FormatException("The verifier key's id is not that of its key.");
    }

    /// <summary>The note's text, with the newline at its end; null where this key has not signed it.</summary>
    public string? Open(string note)
    {
        int end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var text = note[..(end + 1)];
        bool signed = false;
        foreach (var line in note[(end + 2)..].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Signature(line) is { } signature)
            {
                // A signature of this key that is wrong spoils the note, whatever stands beside it.
                using var key = ECDsa.Create();
                key.ImportSubjectPublicKeyInfo(_publicKey, out _);
                signed = key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
                if (!signed)
                {
                    return null;
                }
            }
        }

        return signed ? text : null;
    }

    // The signature of a line that names this key.
    private byte[]? Signature(string line)
    {
        var parts = line.Split(' ');
        var bytes = new byte[line.Length];
        return parts.Length == 3 && parts[0] == "\u2014" && parts[1] == Name && Convert.TryFromBase64String(parts[2], bytes, out int length) && length > 4
            && bytes.AsSpan(0, 4).SequenceEqual(KeyId) ? bytes[4..length] : null;
    }
}
