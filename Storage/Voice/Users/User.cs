using System.ComponentModel.DataAnnotations.Schema;
using System.Text.Json.Serialization;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Voice.Users;

/// <summary>Whether a user may be worked for.</summary>
public enum UserStatus
{
    Active,
    Suspended,
    Closed,
}

/// <summary>
/// A user of an assistant. The username is what all else names the user by, files' owners included, and stays as it is; everything kept of a user is encrypted under keys of that name and
/// goes with them. Email and phone are encrypted; the email can be searched for whole.
/// </summary>
public sealed class User : Record
{
    /// <summary>Unique in the tenant. It is kept in clear: let it be a pseudonym where names must not be.</summary>
    public string Username { get; set; } = "";

    public string? Email { get; set; }

    /// <summary>With the country's code: <c>+91 98765 43210</c>.</summary>
    public string? Phone { get; set; }

    /// <summary>Email and phone as they are stored: one encrypted token.</summary>
    [JsonIgnore]
    public byte[]? Contact { get; set; }

    [JsonIgnore]
    public byte[]? EmailIndex { get; set; }

    /// <summary>A language tag (BCP 47), e.g. <c>hi-IN</c>.</summary>
    public string? Locale { get; set; }

    /// <summary>Each with a line break before and behind it, in order; null without any.</summary>
    [JsonIgnore]
    public string? RoleLines { get; set; }

    [NotMapped]
    public IReadOnlyList<string> Roles => RoleLines?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    public UserStatus Status { get; set; }

    internal static string? Join(IEnumerable<string>? roles) => roles is null || !roles.Any() ? null : $"\n{string.Join("\n\n", roles.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}\n";
}
