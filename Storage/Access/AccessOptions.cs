using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Access;

/// <summary>Settings of the section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>
    /// An operator key of the tenant <c>default</c> that exists from the first start on, in the form of <see cref="KeyText"/>; added as well when it is
    /// set later. Without it the first start makes a random one.
    /// </summary>
    public string? BootstrapKey { get; set; }

    /// <summary>
    /// Minutes a key that was in use stays good while the database cannot be asked about it; a revocation is not noticed meanwhile. 0: not at all.
    /// </summary>
    [Range(0, 1440)]
    public int AwayMinutes { get; set; } = 15;

    internal sealed class Validator : IValidateOptions<AccessOptions>
    {
        public ValidateOptionsResult Validate(string? name, AccessOptions options) =>
            string.IsNullOrEmpty(options.BootstrapKey) || KeyText.TryRead(options.BootstrapKey, out _, stackalloc byte[32])
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"Access:BootstrapKey must have the form {KeyText.Form}.");
    }
}
