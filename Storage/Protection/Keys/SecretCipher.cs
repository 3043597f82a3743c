using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// Encrypts the installation's secrets, whether the protection of fields is turned on or not: tokens as those of fields, under the one data key of purpose
/// <see cref="KeyPurpose.Secrets"/>, bound to the table <c>store_secrets</c>, the secret's name as the column and the row id zero.
/// </summary>
internal static class SecretCipher
{
    private const string Installation = "";

    public static byte[] Seal(StoreContext context, string name, byte[] secret)
    {
        var writer = new FieldWriter();
        writer.Start(1);
        writer.Write(secret);
        var cipher = Rent(context);
        try
        {
            return FieldCipher.Seal(cipher, Place(name), Guid.Empty, writer.Finish());
        }
        finally
        {
            writer.Clear();
            cipher.Key.Return(cipher);
        }
    }

    /// <exception cref="ProblemException">Of kind unreadable: it was changed, or another key encrypted it.</exception>
    public static byte[] Open(StoreContext context, string name, byte[] token)
    {
        if (!FieldToken.IsEncrypted(token))
        {
            throw FieldFailure.NoToken(Place(name), Guid.Empty);
        }

        var cipher = Rent(context);
        var reader = new FieldReader();
        try
        {
            if (FieldToken.KeyId(token) != cipher.Key.Id)
            {
                throw FieldFailure.UnknownKey(Place(name), Guid.Empty, FieldToken.KeyId(token));
            }

            FieldCipher.Open(cipher, Place(name), Guid.Empty, token, reader);
            reader.Start(1);
            return reader.Binary() ?? [];
        }
        finally
        {
            reader.Clear();
            cipher.Key.Return(cipher);
        }
    }

    private static FieldPlace Place(string name) => new(Installation, "store_secrets", name);

    private static KeyCipher Rent(StoreContext context)
    {
        while (true)
        {
            if (context.RequireFields().Keys.Current(Installation, "", KeyPurpose.Secrets, context).Rent() is { } cipher)
            {
                return cipher;
            }
        }
    }
}
