using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Fernet;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>Decrypts the columns that <see cref="ImportOptions.Decrypt"/> names, between a file's reader and whoever reads values.</summary>
public sealed class ImportDecryption(FernetTokens tokens)
{
    /// <exception cref="ProblemException">Columns are to be decrypted, and there is no key.</exception>
    public void Require(ImportOptions options)
    {
        if (options.Decrypt.Count > 0 && tokens.Cipher is null)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "decrypt", "key",
                $"decrypt=fernet: needs a key in the setting {FernetOptions.Section}:FernetKeys, and there is none.");
        }
    }

    /// <summary>The reader itself where nothing is to be decrypted.</summary>
    /// <exception cref="ProblemException">There is no key.</exception>
    internal RowReader Wrap(RowReader reader, ImportOptions options)
    {
        Require(options);
        return options.Decrypt.Count == 0 ? reader : new DecryptingReader(reader, options.Decrypt, tokens.Cipher!, tokens.MaxAge);
    }
}
