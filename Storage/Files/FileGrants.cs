using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Rules;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files;

/// <summary>Gives users rights to files and takes them back; for whoever has the right owner. A right that was taken back ends downloads that are going on.</summary>
public sealed class FileGrants(RecordStore<FileGrant> store, FileService files, StoreContext context)
{
    public const int MostPerFile = 1000;

    /// <summary>By user.</summary>
    /// <exception cref="ProblemException">Of kind not-found or forbidden.</exception>
    public async Task<IReadOnlyList<FileGrant>> ListAsync(Guid file, CancellationToken cancellationToken = default)
    {
        await files.GetAsync(file, FileRight.Owner, cancellationToken);
        return await Of(file).OrderBy(g => g.Grantee).Take(MostPerFile).ToListAsync(cancellationToken);
    }

    /// <summary>Gives a user a right, in place of the one that the user may have.</summary>
    /// <exception cref="ProblemException">Of kind not-found, forbidden, invalid or conflict.</exception>
    public async Task<FileGrant> GrantAsync(Guid file, string user, FileRight right, DateTime? expiresAt, CancellationToken cancellationToken = default)
    {
        RuleErrors.Require(user, static (u, report) => FileRules.CheckUser("user", u, report));
        await files.GetAsync(file, FileRight.Owner, cancellationToken);
        if (await Of(file).FirstOrDefaultAsync(g => g.Grantee == user, cancellationToken) is { } given)
        {
            return await store.UpdateAsync(given.Id, null, g => (g.Right, g.ExpiresAt) = (right, expiresAt), cancellationToken);
        }

        return await Of(file).CountAsync(cancellationToken) < MostPerFile
            ? await store.CreateAsync(new FileGrant { Key = FileGrant.KeyOf(file, user), FileId = file, Grantee = user, Right = right, ExpiresAt = expiresAt }, cancellationToken)
            : throw new ProblemException(ProblemKind.Conflict, $"The file has been granted to {MostPerFile} users, which is the most.");
    }

    /// <exception cref="ProblemException">Of kind not-found or forbidden.</exception>
    public async Task RevokeAsync(Guid file, string user, CancellationToken cancellationToken = default)
    {
        await files.GetAsync(file, FileRight.Owner, cancellationToken);
        var given = await Of(file).FirstOrDefaultAsync(g => g.Grantee == user, cancellationToken) ?? throw new ProblemException(ProblemKind.NotFound, $"The file has not been granted to '{user}'.");
        await store.DeleteAsync(given.Id, null, null, cancellationToken);
    }

    private IQueryable<FileGrant> Of(Guid file) => context.Set<FileGrant>().AsNoTracking().Where(g => g.FileId == file);
}
