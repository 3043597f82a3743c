using CloudStore.Storage.Records;
using CloudStore.Storage.Voice.Users;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Voice;

/// <summary>What a user is known by besides the username, so that an erasure finds where they are named in passing.</summary>
public sealed class UserNames(StoreContext context)
{
    /// <summary>Emails and phone numbers of the user, of deleted records as well.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(string username, CancellationToken cancellationToken = default)
    {
        var users = await context.Set<User>().IgnoreQueryFilters([StoreContext.DeletedFilter]).AsNoTracking().Where(u => u.Username == username).ToListAsync(cancellationToken);
        return [.. users.SelectMany(u => new[] { u.Email, u.Phone }).OfType<string>().Distinct(StringComparer.Ordinal)];
    }
}
