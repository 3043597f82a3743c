using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files;

/// <summary>
/// Who may do what with which file. An access key is a user by its id; an operator's key sees all of its tenant, and may send <c>On-Behalf-Of: USER</c> to act as one of its users, with no more
/// than that user's rights.
/// </summary>
public sealed class FileRights(StoreContext context, CallerScope caller)
{
    public const string Header = CallerScope.BehalfHeader;

    /// <summary>The user who asks.</summary>
    /// <exception cref="ProblemException">Of kind forbidden: the key may not act for others.</exception>
    public string User => Behalf ?? caller.Required.Actor;

    /// <summary>No file is hidden from the caller.</summary>
    public bool SeesAll => caller.Required.Role == Role.Operator && Behalf is null;

    private string? Behalf => (string?)caller.Request?.Request.Headers[Header] is not { Length: > 0 } user ? null
        : caller.Required.Role == Role.Operator ? user
        : throw new ProblemException(ProblemKind.Forbidden, $"{Header} needs the role operator.");

    /// <summary>The files among these that the caller may read.</summary>
    public IQueryable<StoredFile> Visible(IQueryable<StoredFile> files)
    {
        if (SeesAll)
        {
            return files;
        }

        var (user, now) = (User, context.Now());
        var grants = context.Set<FileGrant>();
        return files.Where(f => f.Owner == user || grants.Any(g => g.FileId == f.Id && g.Grantee == user && (g.ExpiresAt == null || g.ExpiresAt > now)));
    }

    /// <exception cref="ProblemException">Of kind not-found, where the caller may not even read it; or forbidden.</exception>
    public async Task RequireAsync(StoredFile file, FileRight right, CancellationToken cancellationToken = default)
    {
        var has = await RightAsync(file.Id, file.Owner, cancellationToken);
        if (has is null)
        {
            throw new ProblemException(ProblemKind.NotFound, $"There is no stored file {file.Id}.");
        }

        if (has < right)
        {
            throw new ProblemException(ProblemKind.Forbidden, $"This needs the right {right.ToString().ToLowerInvariant()} to the file; '{User}' has {has.ToString()!.ToLowerInvariant()}.");
        }
    }

    /// <summary>What the caller may do at this moment; null: nothing.</summary>
    public async Task<FileRight?> RightAsync(Guid file, string owner, CancellationToken cancellationToken = default)
    {
        if (SeesAll || owner == User)
        {
            return FileRight.Owner;
        }

        var (user, now) = (User, context.Now());
        return (await context.Set<FileGrant>().AsNoTracking().Where(g => g.FileId == file && g.Grantee == user && (g.ExpiresAt == null || g.ExpiresAt > now)).FirstOrDefaultAsync(cancellationToken))?.Right;
    }
}
