using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Voice.Users;

/// <summary>What a user must be, wherever it comes from: a request, a file or a stream.</summary>
public static class UserRules
{
    /// <summary>As long as the name of a file's owner may be.</summary>
    public const int LongestUsername = 200;

    private const int LongestEmail = 254, LongestPhone = 32, LeastDigits = 5, MostDigits = 15, MostRoles = 20, LongestRole = 50;

    private static readonly System.Buffers.SearchValues<char> PhoneSigns = System.Buffers.SearchValues.Create("0123456789 ()-.+");

    /// <param name="roles">As they were given: a record keeps them in one text.</param>
    internal static void Check(User user, IReadOnlyList<string> roles, Action<string, string, string> report)
    {
        CheckUsername(user.Username, report);
        CheckEmail(user.Email, report);
        CheckPhone(user.Phone, report);
        LanguageRules.Check("locale", user.Locale, report);
        CheckRoles(roles, report);
    }

    /// <summary>Of the field <c>username</c> of any record.</summary>
    internal static void CheckUsername(string? username, Action<string, string, string> report)
    {
        TextRules.Check("username", username, LongestUsername, report, required: true);
        if (username is { Length: > 0 } && username.AsSpan().Trim().Length != username.Length)
        {
            report("username", "no-spaces-around", "username must not begin or end with a space.");
        }
    }

    // What a mail server makes of the part before the @ is its own business (RFC 5321 section 2.3.11); lengths are the RFC's.
    private static void CheckEmail(string? email, Action<string, string, string> report)
    {
        TextRules.Check("email", email, LongestEmail, report);
        if (email is null)
        {
            return;
        }

        int at = email.LastIndexOf('@');
        if (at is < 1 or > 64 || at == email.Length - 1 || email.AsSpan().ContainsAny(' ', ',', ';') || email.AsSpan(at + 1).IndexOf('.') == 0 || email[^1] == '.')
        {
            report("email", "email", "email must be an address such as asha@example.org.");
        }
    }

    private static void CheckPhone(string? phone, Action<string, string, string> report)
    {
        TextRules.Check("phone", phone, LongestPhone, report);
        if (phone is not null && (phone.Count(char.IsAsciiDigit) is < LeastDigits or > MostDigits || phone.AsSpan().ContainsAnyExcept(PhoneSigns) || phone.LastIndexOf('+') > 0))
        {
            // E.164.
            report("phone", "phone", $"phone must have {LeastDigits} to {MostDigits} digits, and nothing besides but a + before them, spaces, hyphens, dots and brackets.");
        }
    }

    private static void CheckRoles(IReadOnlyList<string> roles, Action<string, string, string> report)
    {
        if (roles.Count > MostRoles)
        {
            report("roles", "max-items", $"There are {roles.Count} roles; there may be {MostRoles}.");
        }

        foreach (var role in roles)
        {
            TextRules.Check("roles", role, LongestRole, report, required: true);
        }
    }
}
