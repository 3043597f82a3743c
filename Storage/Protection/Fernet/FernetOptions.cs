using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Fernet;

/// <summary>Fernet's settings in the section <c>Protection</c>. A key never comes from anywhere else: what is in a URL is in logs.</summary>
public sealed class FernetOptions
{
    public const string Section = "Protection";

    /// <summary>How a passphrase is written in <see cref="FernetKeys"/>.</summary>
    public const string PassphraseForm = "pbkdf2:ITERATIONS:SALT:PASSPHRASE";

    private const string PassphrasePrefix = "pbkdf2:";

    /// <summary>
    /// The first encrypts, all decrypt. Each is a key as base64url, or <c>pbkdf2:ITERATIONS:SALT:PASSPHRASE</c> with the salt as base64url, from which the key is derived.
    /// </summary>
    public IList<string> FernetKeys { get; } = [];

    /// <summary>Days after which a token is too old to be imported; null for never.</summary>
    public double? FernetMaxAgeDays { get; set; }

    /// <exception cref="FormatException">One of them is no key; the message names the setting and not the key.</exception>
    internal IReadOnlyList<FernetKey> ReadKeys()
    {
        var keys = new List<FernetKey>(FernetKeys.Count);
        for (int i = 0; i < FernetKeys.Count; i++)
        {
            try
            {
                keys.Add(Read(FernetKeys[i]));
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw new FormatException($"{Section}:FernetKeys:{i}: {e.Message}", e);
            }
        }

        return keys;
    }

    private static FernetKey Read(string text)
    {
        if (!text.StartsWith(PassphrasePrefix, StringComparison.Ordinal))
        {
            return FernetKey.Parse(text);
        }

        var parts = text.Split(':', 4);
        var salt = new byte[text.Length];
        if (parts.Length < 4 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            || !FernetText.TryDecode(Encoding.UTF8.GetBytes(parts[2]), salt, out int length))
        {
            throw new FormatException($"A passphrase is written {PassphraseForm}, the iterations as a whole number and the salt as base64url.");
        }

        return FernetKey.FromPassphrase(parts[3], salt.AsSpan(0, length), iterations);
    }

    // Keys are derived here as well, though they are used later: a wrong setting stops the start, not the first import.
    internal sealed class Validator : IValidateOptions<FernetOptions>
    {
        public ValidateOptionsResult Validate(string? name, FernetOptions options)
        {
            try
            {
                options.ReadKeys();
            }
            catch (FormatException e)
            {
                return ValidateOptionsResult.Fail(e.Message);
            }

            return options.FernetMaxAgeDays is <= 0 ? ValidateOptionsResult.Fail($"{Section}:FernetMaxAgeDays must be more than 0.") : ValidateOptionsResult.Success;
        }
    }
}
