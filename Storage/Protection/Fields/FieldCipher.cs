using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>
/// Makes tokens of encoded values and reads them back. Values are encrypted under the present key of their tenant, or person; tokens of older keys are read as long as these are
/// not destroyed. Safe for any number of threads.
/// </summary>
public sealed class FieldCipher
{
    private const int MostOnStack = 512;

    public FieldCipher(KeyRing keys, IOptions<ProtectionOptions> options, IHostEnvironment? environment = null)
    {
        (Keys, Enabled) = (keys, options.Value.Enabled);
        RefusesClear = Enabled && (environment is null || environment.IsProduction());
    }

    public KeyRing Keys { get; }

    /// <summary>False: values are written in clear.</summary>
    public bool Enabled { get; }

    /// <summary>Values in clear are not read: whoever can write to the database could put them there.</summary>
    internal bool RefusesClear { get; }

    /// <summary>Makes the token of a row's values.</summary>
    /// <param name="values">What <see cref="FieldWriter"/> encoded.</param>
    /// <param name="subject">The person whose key it is; empty for the tenant's.</param>
    internal byte[] Seal(FieldPlace place, Guid row, ReadOnlySpan<byte> values, string subject = "", StoreContext? within = null)
    {
        if (!Enabled)
        {
            byte[] clear = [FieldToken.Clear, .. values];
            return clear;
        }

        var cipher = Rent(place.Tenant, subject, within);
        try
        {
            return Seal(cipher, place, row, values);
        }
        finally
        {
            cipher.Key.Return(cipher);
        }
    }

    /// <summary>A cipher under the present key, to be returned to that key; for many rows at once.</summary>
    internal KeyCipher Rent(string tenant, string subject, StoreContext? within)
    {
        while (true)
        {
            // Null where the key was dropped from memory in between: the next look reads it again.
            if (Keys.Current(tenant, subject, KeyPurpose.Fields, within).Rent() is { } cipher)
            {
                return cipher;
            }
        }
    }

    [SkipLocalsInit]
    internal static byte[] Seal(KeyCipher cipher, FieldPlace place, Guid row, ReadOnlySpan<byte> values)
    {
        Span<byte> associated = place.AssociatedBytes <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[place.AssociatedBytes];
        associated = associated[..place.AssociatedBytes];
        place.Associated(row, associated);
        var token = GC.AllocateUninitializedArray<byte>(FieldToken.Overhead + values.Length);
        token[0] = FieldToken.Version;
        cipher.Key.IdBytes.CopyTo(token, FieldToken.KeyIdAt);
        cipher.Encrypt(token.AsSpan(FieldToken.NonceAt, 12), values, token.AsSpan(FieldToken.CiphertextAt, values.Length), token.AsSpan(token.Length - FieldToken.TagBytes), associated);
        return token;
    }

    /// <summary>Decrypts a token into the reader's room.</summary>
    /// <param name="evenClear">Reads values in clear where they are refused otherwise; for the rotation.</param>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">Of kind unreadable or destroyed.</exception>
    internal void Open(FieldPlace place, Guid row, ReadOnlySpan<byte> token, FieldReader into, StoreContext? within = null, bool evenClear = false)
    {
        if (FieldToken.IsClear(token))
        {
            if (RefusesClear && !evenClear)
            {
                throw FieldFailure.InClear(place, row);
            }

            token[1..].CopyTo(into.Room(token.Length - 1));
            return;
        }

        if (!FieldToken.IsEncrypted(token))
        {
            throw FieldFailure.NoToken(place, row);
        }

        var cipher = Rent(place, row, FieldToken.KeyId(token), within);
        try
        {
            Open(cipher, place, row, token, into);
        }
        finally
        {
            cipher.Key.Return(cipher);
        }
    }

    [SkipLocalsInit]
    internal static void Open(KeyCipher cipher, FieldPlace place, Guid row, ReadOnlySpan<byte> token, FieldReader into)
    {
        if (!string.Equals(cipher.Key.Tenant, place.Tenant, StringComparison.Ordinal))
        {
            throw FieldFailure.OtherOwner(place, row);
        }

        Span<byte> associated = place.AssociatedBytes <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[place.AssociatedBytes];
        associated = associated[..place.AssociatedBytes];
        place.Associated(row, associated);
        try
        {
            cipher.Decrypt(token.Slice(FieldToken.NonceAt, 12), token[FieldToken.CiphertextAt..^FieldToken.TagBytes], token[^FieldToken.TagBytes..], into.Room(token.Length - FieldToken.Overhead), associated);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw FieldFailure.Tampered(place, row, e);
        }
    }

    /// <summary>A cipher under the key that a token names, to be returned to it.</summary>
    internal KeyCipher Rent(FieldPlace place, Guid row, Guid id, StoreContext? within)
    {
        while (true)
        {
            var found = Keys.Find(id, within);
            if (found.Key is not { } key)
            {
                throw found.Absence switch
                {
                    KeyAbsence.Destroyed => FieldFailure.Destroyed(place, row, id),
                    KeyAbsence.Locked => FieldFailure.Locked(place, row, id),
                    _ => FieldFailure.UnknownKey(place, row, id),
                };
            }

            if (key.Rent() is { } cipher)
            {
                return cipher;
            }
        }
    }
}
