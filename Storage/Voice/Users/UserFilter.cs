using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Voice.Users;

/// <summary>Which users; what is null does not filter.</summary>
public sealed record UserFilter
{
    public string? Username { get; init; }

    /// <summary>The whole address, whatever its case: the database has no more than a keyed hash of it.</summary>
    public string? Email { get; init; }

    public string? Role { get; init; }

    public string? Locale { get; init; }

    public UserStatus? Status { get; init; }

    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => $"voice-users\u001f{Username}\u001f{Email}\u001f{Role}\u001f{Locale}\u001f{Status}";

    internal IQueryable<User> Apply(IQueryable<User> query, StoreContext context)
    {
        query = Username is { Length: > 0 } username ? query.Where(u => u.Username == username) : query;
        query = Locale is { Length: > 0 } locale ? query.Where(u => u.Locale == locale) : query;
        query = Status is { } status ? query.Where(u => u.Status == status) : query;
        if (Role is { Length: > 0 } role)
        {
            var line = $"\n{role}\n";
            query = query.Where(u => u.RoleLines != null && u.RoleLines.Contains(line));
        }

        if (Email is { Length: > 0 } email)
        {
            var index = BlindIndex.Of<User, string?>(context, u => u.Email, email);
            query = query.Where(u => u.EmailIndex == index);
        }

        return query;
    }
}
