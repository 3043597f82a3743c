using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>Settings of the section <c>Protection</c>.</summary>
public sealed class ProtectionOptions
{
    public const string Section = "Protection";

    /// <summary>
    /// False writes fields in clear, under a version byte of their own, so that turning it on later works. Refused in the environment Production.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The master key: base64 of 32 bytes, with or without padding.</summary>
    public string? MasterKey { get; set; }

    /// <summary>A file that holds the master key in that form. Where neither is set, a file below the data root, made on first start.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>
    /// A master key in Azure Key Vault, by its identifier with its version: <c>https://NAME.vault.azure.net/keys/KEY/VERSION</c>. It goes before the other two. For builds with UseAspire.
    /// </summary>
    public string? MasterKeyVault { get; set; }

    /// <summary>How that key wraps: <c>RSA-OAEP-256</c>, or <c>A256KW</c> for an AES key of Managed HSM.</summary>
    [AllowedValues("RSA-OAEP-256", "A256KW")]
    public string MasterKeyVaultAlgorithm { get; set; } = "RSA-OAEP-256";

    /// <summary>
    /// Another master key whose data keys can be read as well: the one before, until <c>keys rewrap</c> has run, or the one to come, in processes that still
    /// wrap with the old one.
    /// </summary>
    public string? PreviousMasterKey { get; set; }

    /// <summary>A file that holds that other master key.</summary>
    public string? PreviousMasterKeyFile { get; set; }

    /// <summary>That other master key, in Azure Key Vault.</summary>
    public string? PreviousMasterKeyVault { get; set; }

    /// <summary>Seconds until a process notices that another rotated or destroyed a key.</summary>
    [Range(1, 3600)]
    public int KeyCacheSeconds { get; set; } = 10;

    /// <summary>Rows that a rotation re-encrypts in one transaction.</summary>
    [Range(1, 100_000)]
    public int RotationBatchRows { get; set; } = 2_000;
}
