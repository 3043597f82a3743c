namespace CloudStore.Storage.Voice.Users;

/// <summary>What a caller says about a user; <see cref="User"/> is what is kept of it. Absent is null.</summary>
public sealed record UserDraft
{
    /// <summary>Needed; up to 200 characters. It cannot be changed.</summary>
    public string? Username { get; init; }

    /// <summary>Kept encrypted.</summary>
    public string? Email { get; init; }

    /// <summary>5 to 15 digits, with the country's code. Kept encrypted.</summary>
    public string? Phone { get; init; }

    /// <summary>A language tag, e.g. <c>hi-IN</c>.</summary>
    public string? Locale { get; init; }

    /// <summary>Up to 20.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>active where absent.</summary>
    public UserStatus Status { get; init; }

    public static UserDraft Of(User user) => new() { Username = user.Username, Email = user.Email, Phone = user.Phone, Locale = user.Locale, Roles = user.Roles, Status = user.Status };

    /// <summary>A new record; not checked.</summary>
    public User ToUser()
    {
        var user = new User { Username = Username ?? "" };
        ApplyTo(user);
        return user;
    }

    internal void ApplyTo(User user)
    {
        (user.Email, user.Phone, user.Locale) = (Given(Email), Given(Phone), Given(Locale));
        (user.RoleLines, user.Status) = (User.Join(Roles), Status);
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
